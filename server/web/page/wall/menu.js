import { h } from './dom.js';
import { icon } from './icons.js';

const MARGIN = 8;

/**
 * Opens a menu at a button; `items` are {text, icon?, danger?, checked?, run}, null for a line between. Arrow keys move,
 * Esc and a click beside it close.
 */
export function openMenu(anchor, items) {
  const menu = h('div', { class: 'menu', role: 'menu', popover: 'auto' });
  for (const item of items) {
    if (item === null) {
      if (menu.lastChild?.tagName === 'BUTTON') menu.append(h('hr'));
      continue;
    }
    const choose = () => {
      menu.hidePopover();
      item.run(anchor);
    };
    const kind = item.danger ? 'danger' : undefined;
    const isChoice = item.checked !== undefined;
    const role = isChoice ? 'menuitemradio' : 'menuitem';
    const attributes = {
      type: 'button',
      role,
      'aria-checked': isChoice ? String(item.checked) : undefined,
      class: kind,
      tabindex: '-1',
    };
    const picture = isChoice ? item.checked && 'check' : item.icon;
    menu.append(
      h('button', { ...attributes, on: { click: choose } }, picture && icon(picture), h('span', {}, item.text)),
    );
  }
  menu.addEventListener('keydown', (event) => {
    // Tab goes on from the button: what follows the menu is the end of the page.
    if (event.key === 'Tab') menu.hidePopover();
    const buttons = [...menu.querySelectorAll('button')];
    const now = buttons.indexOf(document.activeElement);
    const next = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    buttons[(next + buttons.length) % buttons.length].focus();
  });
  menu.addEventListener('toggle', ({ newState }) => {
    if (newState === 'open') return;
    anchor.setAttribute('aria-expanded', 'false');
    if (menu.contains(document.activeElement) || document.activeElement === document.body) anchor.focus();
    menu.remove();
  });
  // Inside of an open dialog what is outside of it cannot be reached.
  (anchor.closest('dialog') ?? document.body).append(menu);
  menu.showPopover();
  anchor.setAttribute('aria-expanded', 'true');
  place(menu, anchor.getBoundingClientRect());
  menu.querySelector('button')?.focus({ preventScroll: true });
}

/** Below the button, or above it where there is no room, and never beyond the window's edges. */
function place(menu, anchor) {
  const { width, height } = menu.getBoundingClientRect();
  const below = anchor.bottom + 4;
  const top = below + height + MARGIN > innerHeight ? anchor.top - height - 4 : below;
  const left = Math.min(anchor.right - width, innerWidth - width - MARGIN);
  menu.style.top = `${Math.max(MARGIN, top)}px`;
  menu.style.left = `${Math.max(MARGIN, left)}px`;
}
