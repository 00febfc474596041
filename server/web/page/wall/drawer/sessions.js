import { empty, h, redraw } from '../dom.js';
import { sessionLine } from '../host/session-line.js';

/** Who is connected, as it changes. */
export function sessionsPart({ name, store }) {
  const list = h('ul', { class: 'lines' });
  const nobody = empty('Nobody is connected', 'Whoever opens the console appears here, by RDP, VNC or browser.');
  const element = h('div', { class: 'part' }, list, nobody);
  const update = () => {
    const sessions = store.sessions.get(name) ?? [];
    redraw(list, ...sessions.map((session) => h('li', {}, ...sessionLine(session))));
    nobody.hidden = sessions.length > 0;
  };
  update();
  return { element, update: (type) => type === 'sessions' && update() };
}
