import { actionsFor, menuFor } from '../actions.js';
import { button, h, redraw, setText } from '../dom.js';
import { openMenu } from '../menu.js';
import { may } from '../roles.js';
import { hrefTo, replace } from '../router.js';
import { showState, stateBadge } from '../state.js';
import { accessPart } from './access.js';
import { connectPart } from './connect.js';
import { logPart } from './log.js';
import { overviewPart } from './overview.js';
import { sessionsPart } from './sessions.js';
import { snapshotsPart } from './snapshots.js';

const PARTS = [
  ['overview', 'Overview', 'view', overviewPart],
  ['snapshots', 'Snapshots', 'view', snapshotsPart],
  ['connect', 'Connect', 'view', connectPart],
  ['sessions', 'Sessions', 'operate', sessionsPart],
  ['log', 'Log', 'operate', logPart],
  ['access', 'Access', 'admin', accessPart],
];
const AT_HAND = ['start', 'resume', 'pause', 'shutdown', 'clone'];

/** All about one machine, beside the wall. A part gives its `element`, and `update` where it shows what changes. */
export class Drawer {
  machine;
  #store;
  #me;
  #off = new AbortController();
  #badge = stateBadge('off');
  #why = h('p', { class: 'problem' });
  #buttons = h('div', { class: 'row actions' });
  #tabs = h('nav', { class: 'parts', 'aria-label': 'About the machine' });
  #body = h('div', { class: 'body' });
  #part;
  #drawn;

  constructor({ machine, store, me }) {
    this.machine = machine;
    this.#store = store;
    this.#me = me;
    const close = button({ icon: 'close', label: 'Close', kind: 'plain', on: () => replace('machines') });
    this.element = h(
      'aside',
      { class: 'drawer', 'aria-label': `Details of ${machine}` },
      h(
        'header',
        {},
        h('div', { class: 'row' }, h('h2', { tabindex: '-1' }, machine), this.#badge, close),
        this.#why,
        this.#buttons,
        this.#tabs,
      ),
      this.#body,
    );
    const { signal } = this.#off;
    for (const type of ['machine', 'sessions', 'gone']) {
      store.addEventListener(type, ({ detail }) => detail === machine && this.#update(type), { signal });
    }
    store.addEventListener('ready', () => this.#update('ready'), { signal });
    this.#update('ready');
  }

  focus() {
    this.element.querySelector('h2').focus({ preventScroll: true });
  }

  close() {
    this.#off.abort();
    this.#part?.close?.();
    this.element.remove();
  }

  showPart(wanted = 'overview') {
    this.#wanted = wanted;
    const machine = this.#store.machines.get(this.machine);
    if (machine === undefined) return;
    const parts = PARTS.filter(
      ([id, , role]) =>
        may(machine, role) &&
        !((id === 'connect' && isOnlyDefined(machine)) || (id === 'access' && this.#me.machine !== null)),
    );
    const [id, , , make] = parts.find(([each]) => each === wanted) ?? parts[0];
    redraw(
      this.#tabs,
      ...parts.map(([each, text]) =>
        h(
          'a',
          { href: hrefTo('machines', this.machine, each), 'aria-current': each === id ? 'page' : undefined },
          text,
        ),
      ),
    );
    // A phone does not show all of them.
    this.#tabs.querySelector('[aria-current]').scrollIntoView({ block: 'nearest', inline: 'nearest' });
    if (this.#part?.id === id) return;
    this.#part?.close?.();
    const context = {
      name: this.machine,
      now: () => this.#store.machines.get(this.machine),
      store: this.#store,
      me: this.#me,
    };
    this.#part = { id, ...make(context) };
    this.#body.replaceChildren(this.#part.element);
  }
  #wanted;

  #update(type) {
    const machine = this.#store.machines.get(this.machine);
    this.#badge.hidden = machine === undefined;
    if (machine === undefined) {
      if (type !== 'machine' && this.#store.isReady) this.#showGone();
      return;
    }
    showState(this.#badge, machine.state);
    setText(this.#why, machine.problem ?? machine.reason ?? '');
    this.#drawButtons(machine);
    if (this.#part === undefined) this.showPart(this.#wanted);
    else this.#part.update?.(type);
  }

  #drawButtons(machine) {
    const actions = actionsFor(machine, this.#me);
    const drawn = actions.map(({ name }) => name).join() + machine.state;
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    const atHand = actions.filter(({ name }) => AT_HAND.includes(name)).slice(0, 2);
    const open = h('a', { class: 'button primary', href: hrefTo('machines', machine.name, 'console') }, 'Console');
    const more = button({
      icon: 'more',
      label: 'More',
      'aria-haspopup': 'menu',
      on: ({ currentTarget }) =>
        openMenu(
          currentTarget,
          menuFor(
            this.#store.machines.get(this.machine),
            this.#me,
            atHand.map(({ name }) => name),
          ),
        ),
    });
    redraw(
      this.#buttons,
      ...(isOnlyDefined(machine) ? [] : [open]),
      ...atHand.map(({ name, text, icon, run }) =>
        button({
          text,
          icon,
          'data-action': name,
          on: ({ currentTarget }) => run(this.#store.machines.get(this.machine), currentTarget),
        }),
      ),
      ...(actions.length > atHand.length ? [more] : []),
    );
  }

  #showGone() {
    this.#part?.close?.();
    this.#part = undefined;
    this.#buttons.replaceChildren();
    this.#tabs.replaceChildren();
    this.#body.replaceChildren(h('p', { class: 'soft' }, `There is no machine ${this.machine}, or none for you.`));
  }
}

const isOnlyDefined = ({ state, pool }) => state === 'invalid' || (state === 'template' && pool === null);
