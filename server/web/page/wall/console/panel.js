import { menuFor } from '../actions.js';
import { api, at, logins } from '../api.js';
import { button, h, setText } from '../dom.js';
import { openMenu } from '../menu.js';
import { may } from '../roles.js';
import { go, replace } from '../router.js';
import { showState, stateBadge } from '../state.js';
import { attempt } from '../toast.js';
import { CHORDS, press } from './keys.js';
import { SoftKeyboard } from './soft-keyboard.js';
import { sendText } from './text.js';

const RETRY_MS = 2_000;

/** One machine's screen over the whole window, by noVNC, with what a remote keyboard lacks in a bar above it. */
export class ConsolePanel {
  machine;
  #store;
  #me;
  #rfb;
  #copied = '';
  #isClosed = false;
  #retry;
  #off = new AbortController();
  #name = h('b', { class: 'name' });
  #badge = stateBadge('off');
  #status = h('span', { class: 'status', role: 'status' });
  #screen = h('div', { class: 'guest' });
  #overlay = h('div', { class: 'overlay', hidden: true });
  #keyboard = new SoftKeyboard(() => this.#rfb);
  #driving;
  #viewOnly;
  #fitted;

  constructor({ machine, store, me }) {
    this.machine = machine;
    this.#store = store;
    this.#me = me;
    this.element = h(
      'section',
      { class: 'console' },
      this.#bar(),
      h('div', { class: 'stage' }, this.#screen, this.#overlay, this.#keyboard.element),
    );
    const { signal } = this.#off;
    store.addEventListener('machine', ({ detail }) => detail === this.machine && this.#show(), { signal });
    // On its way to the guest everything else is, the browser's shortcuts too.
    this.element.addEventListener('keydown', (event) => this.#handleKey(event), { capture: true, signal });
    this.#show();
    void this.#connect();
  }

  close() {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    this.#off.abort();
    this.#rfb?.disconnect();
    if (document.fullscreenElement !== null) void document.exitFullscreen();
    this.element.remove();
  }

  #bar() {
    const tool = (text, icon, on, more = {}) => button({ text, icon, kind: 'plain', on, ...more });
    const keys = tool('Keys', 'keycap', ({ currentTarget }) => openMenu(currentTarget, this.#keys()), {
      label: 'Keys that the browser keeps for itself',
      'aria-haspopup': 'menu',
    });
    const [cadText, cad] = CHORDS[0];
    const attention = tool(cadText, 'keycap', () => this.#press(cad), { class: 'button plain roomy' });
    const text = tool('Text', 'type', () => this.#sendText(), { label: 'Text to type, or for the clipboard' });
    const soft = tool('Keyboard', 'keyboard', () => this.#keyboard.toggle(), { class: 'button plain touch' });
    // It must not take the focus that it is about to give away.
    soft.addEventListener('mousedown', (event) => event.preventDefault());
    this.#viewOnly = tool('View only', 'eye', () => this.#watch(!this.#rfb?.viewOnly), { 'aria-pressed': 'false' });
    this.#driving = h('div', { class: 'row' }, soft, attention, keys, text, this.#viewOnly);
    this.#fitted = tool('Fit', 'fit', () => this.#fit(), {
      label: 'Fit the window',
      'aria-pressed': 'true',
    });
    const picture = tool('Screenshot', 'camera', ({ currentTarget }) => this.#save(currentTarget));
    const full = tool('Full screen', 'screen', () => this.#toggleFullScreen());
    const power = tool('Power', 'power', ({ currentTarget }) => openMenu(currentTarget, this.#power()), {
      'aria-haspopup': 'menu',
      'data-tool': 'power',
    });
    const back = button({
      icon: 'back',
      label: 'Back to the machines (Ctrl+Alt+Shift+B)',
      kind: 'plain',
      on: () => go('machines'),
    });
    const title = h('div', { class: 'row title' }, this.#name, this.#badge, this.#status);
    return h(
      'header',
      { class: 'bar' },
      back,
      title,
      h('div', { class: 'row tools' }, this.#driving, this.#fitted, picture, power, full),
    );
  }

  #show() {
    const machine = this.#store.machines.get(this.machine);
    setText(this.#name, this.machine);
    this.element.setAttribute('aria-label', `Console of ${this.machine}`);
    this.#badge.hidden = machine === undefined;
    if (machine === undefined) return;
    showState(this.#badge, machine.state);
    this.#driving.hidden = !may(machine, 'use');
    this.element.querySelector('[data-tool=power]').hidden = !may(machine, 'operate');
  }

  async #connect() {
    const { default: RFB } = await import('../../novnc/core/rfb.js');
    if (this.#isClosed) return;
    const url = new URL(`console/${encodeURIComponent(this.machine)}`, document.baseURI);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    setText(this.#status, 'Connecting …');
    const rfb = new RFB(this.#screen, url.href, { wsProtocols: ['binary'] });
    this.#rfb = rfb;
    this.#scale();
    rfb.background = 'transparent';
    rfb.viewOnly = this.#isWatching();
    let reason = '';
    rfb.addEventListener('connect', () => {
      setText(this.#status, '');
      this.#overlay.hidden = true;
      rfb.focus({ preventScroll: true });
    });
    rfb.addEventListener('desktopname', ({ detail: { name } }) => this.#follow(name));
    rfb.addEventListener('clipboard', ({ detail: { text } }) => {
      this.#copied = text;
    });
    // The cookie was enough a moment ago.
    rfb.addEventListener('credentialsrequired', () => logins.dispatchEvent(new Event('ended')));
    rfb.addEventListener('securityfailure', ({ detail }) => {
      reason = detail.reason ?? 'the service has refused the connection';
    });
    rfb.addEventListener('disconnect', ({ detail: { clean } }) => this.#handleEnd(clean, reason));
  }

  /** Lost ones come back by themselves; one that was ended waits to be asked. */
  #handleEnd(clean, reason) {
    this.#rfb = undefined;
    if (this.#isClosed) return;
    setText(this.#status, '');
    const again = () => {
      this.#overlay.hidden = true;
      void this.#connect();
    };
    const text = reason !== '' ? reason : clean ? 'The session has ended.' : 'The connection was lost. Trying again …';
    this.#overlay.replaceChildren(
      h('p', {}, text),
      h(
        'div',
        { class: 'row' },
        button({ text: 'Connect again', kind: 'primary', on: again }),
        button({ text: 'Back', on: () => go('machines') }),
      ),
    );
    this.#overlay.hidden = false;
    clearTimeout(this.#retry);
    if (!clean && reason === '') this.#retry = setTimeout(() => void this.#connect(), RETRY_MS);
    else this.#overlay.querySelector('button').focus();
  }

  /** In the session itself one can go to another machine; the page goes along. */
  #follow(name) {
    if (name === this.machine || !this.#store.machines.has(name)) return;
    this.machine = name;
    replace('machines', name, 'console');
    this.#show();
  }

  #isWatching() {
    const machine = this.#store.machines.get(this.machine);
    return this.#viewOnly.getAttribute('aria-pressed') === 'true' || (machine !== undefined && !may(machine, 'use'));
  }

  #watch(isOn) {
    this.#viewOnly.setAttribute('aria-pressed', String(isOn));
    if (this.#rfb !== undefined) this.#rfb.viewOnly = isOn;
  }

  #fit() {
    this.#fitted.setAttribute('aria-pressed', String(this.#fitted.getAttribute('aria-pressed') !== 'true'));
    this.#scale();
  }

  #scale() {
    if (this.#rfb === undefined) return;
    const isOn = this.#fitted.getAttribute('aria-pressed') === 'true';
    this.#rfb.scaleViewport = isOn;
    // A finger moves what does not fit.
    this.#rfb.clipViewport = !isOn;
    this.#rfb.dragViewport = !isOn && matchMedia('(pointer: coarse)').matches;
  }

  #keys() {
    return CHORDS.map(([text, keys]) => ({
      text,
      run: () => this.#press(keys),
    }));
  }

  #press(keys) {
    if (this.#rfb === undefined) return;
    press(this.#rfb, keys);
    this.#rfb.focus();
  }

  #power() {
    const machine = this.#store.machines.get(this.machine);
    return machine === undefined ? [] : menuFor(machine, this.#me, ['clone', 'delete']);
  }

  async #sendText() {
    await sendText(this.machine, {
      copied: this.#copied,
      clipboard: (text) => this.#rfb?.clipboardPasteFrom(text),
    });
    this.#rfb?.focus();
  }

  #save(control) {
    return attempt(
      async () => {
        const url = URL.createObjectURL(await api.blob(at`machines/${this.machine}/screenshot`));
        const stamp = new Date().toISOString().slice(0, 19).replaceAll(':', '.');
        h('a', { href: url, download: `${this.machine} ${stamp}.png` }).click();
        setTimeout(() => URL.revokeObjectURL(url), 60_000);
      },
      { control },
    );
  }

  #toggleFullScreen() {
    if (document.fullscreenElement !== null) return document.exitFullscreen();
    return attempt(async () => {
      await document.documentElement.requestFullscreen();
      // Where the browser can, Esc and its own shortcuts are the guest's, too.
      await navigator.keyboard?.lock?.().catch(() => {});
      this.#rfb?.focus();
    });
  }

  #handleKey(event) {
    if (event.code !== 'KeyB' || !event.ctrlKey || !event.altKey || !event.shiftKey) return;
    event.preventDefault();
    event.stopPropagation();
    go('machines');
  }
}
