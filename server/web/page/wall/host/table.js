import { h } from '../dom.js';

/** Rows under headings; on a phone each row is a card whose cells have their heading before them. */
export function table(label, headings, rows) {
  return h(
    'table',
    { class: 'table', 'aria-label': label },
    h(
      'thead',
      {},
      h(
        'tr',
        {},
        headings.map((text) => h('th', { scope: 'col' }, text)),
      ),
    ),
    h(
      'tbody',
      {},
      rows.map((cells) =>
        h(
          'tr',
          {},
          cells.map((cell, i) =>
            h('td', { 'data-heading': headings[i] || undefined, class: cell === '' ? 'none' : undefined }, cell || '–'),
          ),
        ),
      ),
    ),
  );
}

/** A page of the host: a heading, what one can do, and what there is. */
export function page(title, tools, body) {
  return h(
    'section',
    { class: 'page', 'aria-label': title },
    h('div', { class: 'tools' }, h('h2', {}, title), ...tools),
    body,
  );
}
