import { api, at } from '../api.js';
import { h } from '../dom.js';

const EVERY_MS = 3_000;
const LINES = 200;
const LEVELS = { 40: 'warning: ', 50: 'error: ', 60: 'fatal: ' };
/** The same in every line. */
const KNOWN = ['level', 'time', 'pid', 'hostname', 'machine', 'msg'];

/** The end of the machine's log, followed as long as one looks at its end. */
export function logPart({ name }) {
  const text = h('pre', { class: 'log', tabindex: '0', 'aria-label': `Log of ${name}` });
  const element = h('div', { class: 'part' }, text);
  let timer;
  let isClosed = false;
  const follow = async () => {
    if (!document.hidden) {
      const lines = await api.text(at`machines/${name}/log`, { lines: LINES }).catch(({ message }) => message);
      if (isClosed) return;
      const atEnd = text.scrollTop + text.clientHeight >= text.scrollHeight - 8;
      const shown = lines === '' ? 'Nothing has been written yet.' : lines.split('\n').map(readable).join('\n');
      if (text.textContent !== shown) {
        text.textContent = shown;
        if (atEnd) text.scrollTop = text.scrollHeight;
      }
    }
    timer = setTimeout(follow, EVERY_MS);
  };
  void follow();
  return {
    element,
    close() {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}

/** The log is written for programs; what is no JSON was written by a program beside ours, and stays as it is. */
function readable(line) {
  let entry;
  try {
    entry = JSON.parse(line);
  } catch {
    return line;
  }
  const { time, level, msg } = entry;
  const more = Object.entries(entry)
    .filter(([key]) => !KNOWN.includes(key))
    .map(([key, value]) => `${key}=${typeof value === 'object' ? JSON.stringify(value) : value}`);
  return [new Date(time).toLocaleTimeString(), `${LEVELS[level] ?? ''}${msg}`, ...more].join('  ');
}
