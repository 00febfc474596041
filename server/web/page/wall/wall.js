import { button, empty, h, setText } from './dom.js';
import { count } from './format.js';
import { may } from './roles.js';
import { wordFor } from './state.js';
import { Tile } from './tile.js';
import { announce } from './toast.js';

const GROUPS = [
  ['all', 'All', () => true],
  ['up', 'Running', ({ state }) => ['running', 'paused', 'starting', 'saving', 'stopping'].includes(state)],
  ['down', 'Off', ({ state }) => ['off', 'saved'].includes(state)],
  ['trouble', 'Trouble', ({ state }) => ['crashed', 'invalid'].includes(state)],
  ['template', 'Templates', ({ state }) => state === 'template'],
];

/** All machines that one may see, with their screens. */
export class Wall {
  element;
  #store;
  #me;
  #create;
  #tiles = new Map();
  #group = 'all';
  #search = h('input', { type: 'search', placeholder: 'Search', 'aria-label': 'Search machines', class: 'search' });
  #groups = h('div', { class: 'groups', role: 'group', 'aria-label': 'Show' });
  #grid = h('div', { class: 'grid' });
  #nothing = h('div');
  #off = new AbortController();

  /** @param create opens the dialog for a new machine */
  constructor({ store, me, create }) {
    this.#store = store;
    this.#me = me;
    this.#create = create;
    for (const [id, text] of GROUPS) {
      const choose = () => {
        this.#group = id;
        this.#arrange();
      };
      this.#groups.append(h('button', { type: 'button', 'data-group': id, on: { click: choose } }, text, h('b')));
    }
    this.#search.addEventListener('input', () => this.#arrange());
    const make = me.admin && button({ text: 'New machine', icon: 'plus', kind: 'primary', on: () => create() });
    const tools = h('div', { class: 'tools' }, this.#groups, this.#search, make);
    const title = h('h1', { class: 'unseen' }, 'Machines');
    this.element = h('section', { class: 'wall', 'aria-label': 'Machines' }, title, tools, this.#grid, this.#nothing);
    this.#grid.addEventListener('keydown', (event) => this.#handleKey(event));

    const { signal } = this.#off;
    const on = (type, handle) => store.addEventListener(type, ({ detail }) => handle(detail), { signal });
    on('machine', (name) => this.#handleMachine(name));
    on('gone', (name) => this.#handleGone(name));
    on('sessions', (name) => this.#tiles.get(name)?.showSessions(store.sessions.get(name)));
    on('screen', (name) => this.#tiles.get(name)?.showScreen(store.versions.get(name)));
    on('begin', () => {
      for (const tile of this.#tiles.values()) tile.forgetScreen();
    });
    on('ready', () => this.#arrange());
    for (const name of store.machines.keys()) {
      this.#handleMachine(name);
      const tile = this.#tiles.get(name);
      tile.showScreen(store.versions.get(name));
      if (store.sessions.has(name)) tile.showSessions(store.sessions.get(name));
    }
    this.#arrange();
  }

  close() {
    this.#off.abort();
    for (const tile of this.#tiles.values()) tile.close();
    this.element.remove();
  }

  /** Where one was, after the drawer or the console. */
  focus(machine) {
    this.#tiles.get(machine)?.focus();
  }

  focusSearch() {
    this.#search.focus();
  }

  #handleMachine(name) {
    const machine = this.#store.machines.get(name);
    const tile = this.#tiles.get(name);
    if (tile === undefined) this.#tiles.set(name, new Tile(machine, this.#me));
    else {
      const before = tile.machine.state;
      tile.show(machine);
      if (before !== machine.state) {
        announce(`${name}: ${wordFor(machine.state)}`);
        tile.showScreen(this.#store.versions.get(name));
      }
    }
    if (this.#store.isReady) this.#arrange();
  }

  #handleGone(name) {
    this.#tiles.get(name)?.close();
    this.#tiles.delete(name);
    this.#arrange();
  }

  /** Puts the tiles that are wanted into their order; those that stay are not touched, and keep the focus. */
  #arrange() {
    const text = this.#search.value.trim().toLowerCase();
    const [, , isInGroup] = GROUPS.find(([id]) => id === this.#group);
    const all = [...this.#tiles.values()].sort((a, b) => byName(a.machine, b.machine));
    const taken = this.#takenPools(all);
    let place = this.#grid.firstElementChild;
    let shown = 0;
    for (const { element, machine } of all) {
      const isWanted = isInGroup(machine) && this.#textOf(machine).includes(text) && !taken.has(machine.name);
      if (element !== place) this.#grid.insertBefore(element, place);
      else place = place.nextElementSibling;
      element.hidden = !isWanted;
      if (isWanted) shown++;
    }
    for (const item of this.#groups.children) {
      const [id, , fits] = GROUPS.find(([each]) => each === item.dataset.group);
      const number = all.filter(({ machine }) => fits(machine) && !taken.has(machine.name)).length;
      setText(item.lastChild, String(number));
      item.hidden = number === 0 && id !== 'all' && id !== this.#group;
      item.setAttribute('aria-pressed', String(id === this.#group));
    }
    const isFirst = all.every(({ machine }) => machine.state === 'template');
    const isEmpty = this.#store.isReady && (shown === 0 || (isFirst && text === ''));
    this.#nothing.replaceChildren(...(isEmpty ? [this.#emptiness(isFirst ? 0 : all.length, text)] : []));
  }

  /** Pools that one has one's machine of already, and can do nothing else with. */
  #takenPools(tiles) {
    const mine = tiles.filter(({ machine: { origin } }) => origin?.user?.toLowerCase() === this.#me.name.toLowerCase());
    const names = new Set(mine.map(({ machine }) => machine.origin.template));
    return new Set([...names].filter((name) => !may(this.#store.machines.get(name) ?? {}, 'operate')));
  }

  #textOf({ name, description, state, engine, origin }) {
    const people = this.#store.sessions.get(name)?.map(({ user }) => user) ?? [];
    return [name, description, wordFor(state), engine, origin?.template, ...people].join(' ').toLowerCase();
  }

  #emptiness(machines, text) {
    if (machines > 0) {
      const what = text === '' ? 'None of them is like that at the moment.' : `Nothing fits “${text}”.`;
      return empty('No machine to show', what, `There ${machines === 1 ? 'is' : 'are'} ${count(machines, 'machine')}.`);
    }
    if (!this.#me.admin) {
      return empty('No machines yet', 'When somebody gives you access to a machine, it appears here by itself.');
    }
    const make = button({ text: 'New machine', icon: 'plus', kind: 'primary', on: () => this.#create() });
    return empty(
      'No machines yet',
      'Clone a template, boot an ISO or the built-in demo, or import one from VirtualBox or libvirt.',
      make,
    );
  }

  /** Arrow keys go from screen to screen, as they are laid out. */
  #handleKey(event) {
    const direction = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    const from = event.target.closest('.tile');
    if (direction === undefined || from === null || event.altKey || event.ctrlKey || event.metaKey) return;
    const tiles = [...this.#grid.querySelectorAll('.tile:not([hidden])')];
    const [dx, dy] = direction;
    const here = from.getBoundingClientRect();
    const next =
      dx !== 0
        ? tiles[tiles.indexOf(from) + dx]
        : tiles
            .filter((tile) => Math.sign(Math.round(tile.getBoundingClientRect().top - here.top)) === dy)
            .sort((a, b) => distance(a, here) - distance(b, here))[0];
    if (next === undefined) return;
    event.preventDefault();
    this.#tiles.get(next.dataset.machine).focus();
  }
}

function distance(tile, { top, left }) {
  const box = tile.getBoundingClientRect();
  return Math.abs(box.top - top) * 10 + Math.abs(box.left - left);
}

const NAMES = new Intl.Collator(undefined, { numeric: true });

/** Numbers by their value: desk-2 before desk-10. Templates are for the rare moments when a machine is made. */
function byName(a, b) {
  const rank = ({ state }) => (state === 'template' ? 1 : 0);
  return rank(a) - rank(b) || NAMES.compare(a.name, b.name);
}
