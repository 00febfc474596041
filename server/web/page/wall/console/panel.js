import { menuFor } from '../actions.js';
import { api, at } from '../api.js';
import { button, download, h, setText } from '../dom.js';
import { openMenu } from '../menu.js';
import { may } from '../roles.js';
import { go, replace } from '../router.js';
import { showState, stateBadge } from '../state.js';
import { attempt } from '../toast.js';
import { Connection } from './connection.js';
import { CHORDS, press } from './keys.js';
import { toggleFullScreen } from './size.js';
import { SoftKeyboard } from './soft-keyboard.js';
import { sendText } from './text.js';

const SIZES = {
  fit: 'Fit the window',
  real: 'Real size',
  guest: 'The guest follows the window',
};

/** One machine's screen over the whole window, with what a remote keyboard lacks in a bar above it. */
export class ConsolePanel {
  machine;
  #store;
  #me;
  #connection;
  #size = 'fit';
  #off = new AbortController();
  #name = h('b', { class: 'name' });
  #badge = stateBadge('off');
  #status = h('span', { class: 'status', role: 'status' });
  #overlay = h('div', { class: 'overlay', hidden: true });
  #keyboard = new SoftKeyboard(() => this.#connection.rfb);
  #driving;
  #viewOnly;
  #power;

  constructor({ machine, store, me }) {
    this.machine = machine;
    this.#store = store;
    this.#me = me;
    const screen = h('div', { class: 'guest' });
    const stage = h('div', { class: 'stage' }, screen, this.#overlay, this.#keyboard.element);
    this.element = h('section', { class: 'console' }, this.#bar(), stage);
    this.#connection = new Connection(screen);
    this.#listen();
    this.#show();
    void this.#connection.open(machine);
  }

  close() {
    this.#off.abort();
    this.#connection.close();
    if (document.fullscreenElement !== null) void document.exitFullscreen();
    this.element.remove();
  }

  #listen() {
    const { signal } = this.#off;
    this.#store.addEventListener('machine', ({ detail }) => detail === this.machine && this.#show(), { signal });
    // Before noVNC sees it: everything else is the guest's, the browser's shortcuts too.
    this.element.addEventListener('keydown', (event) => this.#handleKey(event), { capture: true, signal });
    const on = (type, handle) => this.#connection.addEventListener(type, ({ detail }) => handle(detail), { signal });
    on('opening', () => setText(this.#status, 'Connecting …'));
    on('open', () => {
      setText(this.#status, '');
      this.#overlay.hidden = true;
      this.#connection.focus();
    });
    on('named', (name) => this.#follow(name));
    on('end', (end) => this.#showEnd(end));
  }

  #bar() {
    const tool = (text, icon, on, more = {}) => button({ text, icon, kind: 'plain', on, ...more });
    const menu = (text, icon, items, more = {}) =>
      tool(text, icon, ({ currentTarget }) => openMenu(currentTarget, items()), { 'aria-haspopup': 'menu', ...more });
    const [cadText, cad] = CHORDS[0];
    this.#viewOnly = tool('View only', 'eye', () => this.#toggleViewOnly(), { 'aria-pressed': 'false' });
    this.#driving = h(
      'div',
      { class: 'row' },
      this.#keyboard.button(),
      tool(cadText, 'keycap', () => this.#press(cad), { class: 'button plain roomy' }),
      menu('Keys', 'keycap', () => this.#keys(), { label: 'Keys that the browser keeps for itself' }),
      tool('Text', 'type', () => this.#sendText(), { label: 'Type a text' }),
      this.#viewOnly,
    );
    this.#power = menu('Power', 'power', () => this.#powerActions());
    return h(
      'header',
      { class: 'bar' },
      button({
        icon: 'back',
        label: 'Back to the machines (Ctrl+Alt+Shift+B)',
        kind: 'plain',
        on: () => go('machines'),
      }),
      h('div', { class: 'row title' }, this.#name, this.#badge, this.#status),
      h(
        'div',
        { class: 'row tools' },
        this.#driving,
        menu('Size', 'fit', () => this.#sizes()),
        tool('Screenshot', 'camera', ({ currentTarget }) => this.#save(currentTarget)),
        this.#power,
        tool('Full screen', 'screen', () => this.#toggleFullScreen()),
      ),
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
    this.#power.hidden = !may(machine, 'operate');
    this.#connection.set({ viewOnly: this.#isViewOnly(machine) });
  }

  #showEnd({ isLost, reason }) {
    setText(this.#status, '');
    const again = () => {
      this.#overlay.hidden = true;
      void this.#connection.open(this.machine);
    };
    this.#overlay.replaceChildren(
      h('p', {}, isLost ? 'The connection was lost. Trying again …' : reason || 'The session has ended.'),
      h(
        'div',
        { class: 'row' },
        button({ text: 'Connect again', kind: 'primary', on: again }),
        button({ text: 'Back', on: () => go('machines') }),
      ),
    );
    this.#overlay.hidden = false;
    if (!isLost) this.#overlay.querySelector('button').focus();
  }

  /** In the session itself one can go to another machine; the page goes along. */
  #follow(name) {
    if (name === this.machine || !this.#store.machines.has(name)) return;
    this.machine = name;
    replace('machines', name, 'console');
    this.#show();
  }

  #isViewOnly(machine) {
    return this.#viewOnly.getAttribute('aria-pressed') === 'true' || !may(machine, 'use');
  }

  #toggleViewOnly() {
    this.#viewOnly.setAttribute('aria-pressed', String(this.#viewOnly.getAttribute('aria-pressed') !== 'true'));
    this.#show();
  }

  #sizes() {
    return Object.entries(SIZES).map(([size, text]) => ({
      text,
      checked: size === this.#size,
      run: () => {
        this.#size = size;
        this.#connection.set({ size });
        this.#connection.focus();
      },
    }));
  }

  #keys() {
    return CHORDS.map(([text, keys]) => ({ text, run: () => this.#press(keys) }));
  }

  #press(keys) {
    const { rfb } = this.#connection;
    if (rfb !== undefined) press(rfb, keys);
    this.#connection.focus();
  }

  #powerActions() {
    const machine = this.#store.machines.get(this.machine);
    return machine === undefined ? [] : menuFor(machine, this.#me, ['clone', 'delete']);
  }

  async #sendText() {
    await sendText(this.machine);
    this.#connection.focus();
  }

  #save(control) {
    return attempt(
      async () => {
        const picture = await api.blob(at`machines/${this.machine}/screenshot`);
        const stamp = new Date().toISOString().slice(0, 19).replaceAll(':', '.');
        download(picture, `${this.machine} ${stamp}.png`);
      },
      { control },
    );
  }

  #toggleFullScreen() {
    return attempt(async () => {
      await toggleFullScreen();
      this.#connection.focus();
    });
  }

  #handleKey(event) {
    if (event.code !== 'KeyB' || !event.ctrlKey || !event.altKey || !event.shiftKey) return;
    event.preventDefault();
    event.stopPropagation();
    go('machines');
  }
}
