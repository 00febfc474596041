import { button, h, setText } from './dom.js';

const TOAST_MS = 8_000;
const list = h('div', { class: 'toasts', role: 'region', 'aria-label': 'Messages' });
const spoken = h('div', { class: 'unseen', role: 'status' });
document.body.append(list, spoken);

/** A line in the corner. What went wrong stays until it is closed or a while has passed; both are read out. */
export function toast(text, kind = 'done') {
  const line = h(
    'div',
    { class: `toast ${kind}`, role: kind === 'error' ? 'alert' : 'status' },
    h('span', { class: 'text' }, text),
  );
  const remove = () => line.remove();
  line.append(button({ icon: 'close', label: 'Close the message', kind: 'plain', on: remove }));
  list.append(line);
  while (list.children.length > 4) list.firstChild.remove();
  // An open dialog is above everything but what is shown later.
  if (typeof list.showPopover === 'function') {
    list.setAttribute('popover', 'manual');
    if (list.matches(':popover-open')) list.hidePopover();
    list.showPopover();
  }
  setTimeout(remove, TOAST_MS);
}

/** For screen readers alone. */
export function announce(text) {
  setText(spoken, text);
}

/** Runs what a button stands for: the button waits meanwhile, and what goes wrong is said. Returns whether it worked. */
export async function attempt(work, { control, done } = {}) {
  if (control?.getAttribute('aria-busy') === 'true') return false;
  control?.setAttribute('aria-busy', 'true');
  try {
    await work();
    if (done !== undefined) toast(done);
    return true;
  } catch (problem) {
    if (problem.code !== 'unauthenticated') toast(problem.message, 'error');
    return false;
  } finally {
    control?.removeAttribute('aria-busy');
  }
}
