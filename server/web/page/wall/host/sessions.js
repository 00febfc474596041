import { api } from '../api.js';
import { empty, h, redraw } from '../dom.js';
import { hrefTo } from '../router.js';
import { sessionLine } from './session-line.js';
import { page } from './table.js';

const EVERY_MS = 3_000;

/** Everybody who is connected, those at the picker too. */
export function sessionsPage() {
  const list = h('ul', { class: 'lines narrow' });
  const nobody = empty('Nobody is connected', 'Sessions by RDP, VNC and browser appear here.');
  nobody.hidden = true;
  let timer;
  let drawn;
  let isClosed = false;
  const show = async () => {
    clearTimeout(timer);
    const sessions = document.hidden ? undefined : await api.get('sessions').catch(() => undefined);
    if (isClosed) return;
    const now = JSON.stringify(sessions?.map(({ id, machine, rights }) => [id, machine, rights]));
    // Drawn anew only where something has changed: somebody may be about to press a button.
    if (sessions !== undefined && now !== drawn) {
      drawn = now;
      redraw(list, ...sessions.map((session) => h('li', {}, place(session), ...sessionLine(session, show))));
      nobody.hidden = sessions.length > 0;
    }
    timer = setTimeout(show, EVERY_MS);
  };
  void show();
  return {
    element: page('Sessions', [], h('div', {}, list, nobody)),
    close() {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}

function place({ machine }) {
  return machine === null
    ? h('span', { class: 'place soft' }, 'at the picker')
    : h('a', { class: 'place', href: hrefTo('machines', machine) }, machine);
}
