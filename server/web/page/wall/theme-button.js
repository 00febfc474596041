import { button } from './dom.js';
import { icon } from './icons.js';

/** Changes between light and dark (theme.js), on all pages of this browser. */
export function themeButton() {
  const element = button({
    icon: 'moon',
    label: 'Light or dark',
    kind: 'plain theme',
    on: () => document.dispatchEvent(new Event('vitrine:theme')),
  });
  element.append(icon('sun'));
  return element;
}
