import { actionsFor, menuFor } from './actions.js';
import { button, h, redraw, setText } from './dom.js';
import { mebibytes } from './format.js';
import { icon } from './icons.js';
import { openMenu } from './menu.js';
import { hrefTo } from './router.js';
import { hasScreen, showState, stateBadge, wordFor } from './state.js';
import { Thumbnail } from './thumbnail.js';

/** What is at hand on a tile; the rest is in its menu. */
const AT_HAND = ['start', 'resume', 'pause', 'shutdown'];

/** Whoever wants to see a machine gets it running: what opening its console does first. */
const WAKES = { off: 'Start and open', crashed: 'Start and open', saved: 'Resume and open', paused: 'Resume and open' };

/** Where there is no screen to show. */
const PICTURES = { off: 'power', saved: 'save', template: 'copy', crashed: 'info', invalid: 'info' };

const POOLS = {
  'per-user': 'Everybody gets a machine of their own',
  ephemeral: 'A fresh machine for each visit',
};

/** One machine on the wall. */
export class Tile {
  #screen;
  #note = h('div', { class: 'note' });
  #open = h('span');
  #badge = stateBadge('off');
  #name = h('a', { class: 'name' });
  #facts = h('p', { class: 'facts' });
  #watchers = h('span', { class: 'watchers' });
  #buttons = h('div', { class: 'buttons' });
  #thumbnail;
  #me;
  #drawn = '';

  constructor(machine, me) {
    this.#me = me;
    const open = h('span', { class: 'open', 'aria-hidden': 'true' }, icon('screen'), this.#open);
    this.#screen = h('a', { class: 'screen' }, this.#note, open);
    this.#thumbnail = new Thumbnail(machine.name, this.#screen);
    this.element = h(
      'article',
      { class: 'tile' },
      this.#screen,
      h(
        'div',
        { class: 'about' },
        h('div', { class: 'row' }, this.#name, this.#badge),
        this.#facts,
        h('div', { class: 'row' }, this.#watchers, this.#buttons),
      ),
    );
    this.element.dataset.machine = machine.name;
    setText(this.#name, machine.name);
    this.#name.href = hrefTo('machines', machine.name);
    this.showSessions(undefined, machine);
    this.show(machine);
  }

  show(machine) {
    const { name, state, description, problem, reason, sessions, pool } = machine;
    this.machine = machine;
    this.element.dataset.state = state;
    showState(this.#badge, state);
    const isConsole = pool !== null || (state !== 'template' && state !== 'invalid');
    this.#screen.href = isConsole ? hrefTo('machines', name, 'console') : hrefTo('machines', name);
    setText(this.#open, pool !== null ? 'A machine of your own' : (WAKES[state] ?? 'Console'));
    const what = isConsole ? `Open the console of ${name}` : `Details of ${name}`;
    this.#screen.setAttribute('aria-label', `${what}, ${wordFor(state)}`);
    const why = problem ?? (state === 'crashed' ? reason : undefined);
    if (hasScreen(machine)) this.#note.replaceChildren();
    else this.#note.replaceChildren(icon(PICTURES[state] ?? 'screen'), why ?? noteFor(machine));
    this.#screen.classList.toggle('dark', hasScreen(machine));
    this.#screen.classList.toggle('opens', isConsole);
    setText(this.#facts, description || `${machine.engine}, ${mebibytes(machine.memoryMiB)}, ${machine.cpus} CPU`);
    this.#facts.title = description;
    if (!hasScreen(machine)) this.#thumbnail.show(undefined);
    if (this.#count !== sessions) this.showSessions(undefined, machine);
    this.#drawButtons(machine);
  }

  showScreen(version) {
    this.#thumbnail.show(hasScreen(this.machine) ? version : undefined);
  }
  forgetScreen() {
    this.#thumbnail.forget();
  }

  /** Who is there, where one may know; otherwise how many. */
  showSessions(sessions, machine = this.machine) {
    this.#count = sessions?.length ?? machine.sessions;
    this.#watchers.replaceChildren();
    if (this.#count === 0) return;
    const names = sessions?.map(({ user }) => user) ?? [];
    const text = names.length > 0 ? [...new Set(names)].join(', ') : String(this.#count);
    this.#watchers.append(icon('eye'), h('span', {}, text));
    this.#watchers.setAttribute('aria-label', `watched by ${text}`);
    this.#watchers.title = `Connected: ${text}`;
  }
  #count = -1;

  close() {
    this.#thumbnail.close();
    this.element.remove();
  }

  focus() {
    this.#screen.focus();
  }

  #drawButtons(machine) {
    const actions = actionsFor(machine, this.#me);
    const drawn = actions.map(({ name }) => name).join();
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    const atHand = actions.filter(({ name }) => AT_HAND.includes(name)).slice(0, 2);
    const label = (text) => `${text} ${machine.name}`;
    const more = button({
      icon: 'more',
      label: label('More for'),
      kind: 'plain',
      'aria-haspopup': 'menu',
      'aria-expanded': 'false',
      on: (event) => openMenu(event.currentTarget, this.#menu(atHand.map(({ name }) => name))),
    });
    redraw(
      this.#buttons,
      ...atHand.map(({ name, text, icon: picture, run }) =>
        button({
          icon: picture,
          label: label(text),
          kind: 'plain',
          'data-action': name,
          on: (event) => run(this.machine, event.currentTarget),
        }),
      ),
      more,
    );
  }

  #menu(without) {
    const details = { text: 'Details', icon: 'info', run: () => this.#name.click() };
    return [details, null, ...menuFor(this.machine, this.#me, without)];
  }
}

function noteFor({ state, pool }) {
  if (pool !== null) return POOLS[pool];
  switch (state) {
    case 'starting':
      return 'Starting …';
    case 'template':
      return 'Machines are cloned from it';
    case 'saved':
      return 'Goes on where it was saved';
    default:
      return wordFor(state);
  }
}
