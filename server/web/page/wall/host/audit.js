import { api } from '../api.js';
import { button, h } from '../dom.js';
import { attempt } from '../toast.js';
import { page, table } from './table.js';

const LINES = 300;

/** Who has done what, the newest first. */
export function auditPage() {
  const list = h('div', {});
  const filter = h('input', {
    type: 'search',
    class: 'search',
    placeholder: 'Search',
    'aria-label': 'Search the audit log',
  });
  let lines = [];
  const draw = () => {
    const text = filter.value.trim().toLowerCase();
    const fitting = lines.filter((line) => Object.values(line).join(' ').toLowerCase().includes(text));
    list.replaceChildren(
      table(
        'Audit log',
        ['When', 'What', 'Who', 'From', 'Machine', 'Details'],
        fitting.map(({ at, action, user, remote, machine, ok, detail }) => [
          new Date(at).toLocaleString(undefined, { dateStyle: 'short', timeStyle: 'medium' }),
          ok ? action : h('span', { class: 'problem' }, `${action}: refused or failed`),
          user ?? '',
          remote ?? '',
          machine ?? '',
          detail,
        ]),
      ),
    );
  };
  const show = () =>
    attempt(async () => {
      lines = (await api.get('audit', { limit: LINES })).toReversed();
      draw();
    });
  filter.addEventListener('input', draw);
  void show();
  return {
    element: page('Audit log', [filter, button({ text: 'Refresh', icon: 'reset', on: show })], list),
    refresh: show,
    close() {},
  };
}
