import { api, at } from '../api.js';
import { h } from '../dom.js';

const EVERY_MS = 3_000;
const LINES = 200;

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
      const shown = lines === '' ? 'Nothing has been written yet.' : lines;
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
