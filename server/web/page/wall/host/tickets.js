import { api, at } from '../api.js';
import { ask, confirmed, secret, tell } from '../dialogs.js';
import { button, empty, field, h, redraw, select } from '../dom.js';
import { ownLink } from '../drawer/connect.js';
import { count, time } from '../format.js';
import { attempt } from '../toast.js';
import { page, table } from './table.js';

const LIFETIMES = [
  ['3600', 'an hour'],
  ['86400', 'a day'],
  ['604800', 'a week'],
];

/** Secrets that stand for a login to one machine. */
export function ticketsPage({ store, me }) {
  const list = h('div');
  const show = () =>
    attempt(async () => {
      const tickets = await api.get('tickets');
      const none = empty('No tickets', 'A ticket lets somebody without an account to one machine, for a while.');
      redraw(list, tickets.length === 0 ? none : draw(tickets));
    });
  const draw = (tickets) =>
    table(
      'Tickets',
      ['Machine', 'In the name of', 'May', 'Good until', 'Uses left', ''],
      tickets.map((ticket) => [
        h('b', {}, ticket.machine),
        ticket.user,
        ticket.rights === 'view' ? 'watch' : 'use it',
        time(ticket.expiresAt),
        String(ticket.usesLeft),
        button({
          icon: 'trash',
          label: `Make the ticket for ${ticket.machine} useless`,
          kind: 'plain',
          on: () => remove(ticket).then(show),
        }),
      ]),
    );
  const add = button({ text: 'Make ticket', icon: 'plus', kind: 'primary', on: () => create(store, me).then(show) });
  void show();
  return { element: page('Tickets', [add], list), refresh: show, close() {} };
}

async function create(store, me) {
  const names = [...store.machines.values()]
    .filter(({ state }) => state !== 'template')
    .map(({ name }) => [name, name]);
  const made = await ask({
    title: 'Make a ticket',
    fields: [
      field('Machine', select('machine', names.sort())),
      field(
        'Whoever has it may',
        select('rights', [
          ['control', 'use it'],
          ['view', 'only watch'],
        ]),
      ),
      field('For', select('seconds', LIFETIMES)),
      field('Uses', h('input', { name: 'uses', type: 'number', min: '1', max: '1000', value: '1' })),
      me.admin && field('In the name of', h('input', { name: 'user', placeholder: me.name, autocomplete: 'off' })),
    ].filter(Boolean),
    action: 'Make',
    submit: ({ machine, rights, seconds, uses, user }) =>
      api.post('tickets', { machine, rights, seconds: Number(seconds), uses: Number(uses), ...(user ? { user } : {}) }),
  });
  if (made === undefined) return;
  const links = [
    made.browser !== null && field('Browser', secret(ownLink(made.browser), 'the browser’s link')),
    made.vnc !== null && field('VNC', secret(made.vnc, 'the VNC link')),
    field('As a password', secret(made.secret, 'the ticket')),
  ];
  const text = `For ${made.machine}, good until ${time(made.expiresAt)} for ${count(made.usesLeft, 'use')}. It is shown only now.`;
  tell({ title: 'The ticket', wide: true, content: [h('p', { class: 'soft' }, text), ...links.filter(Boolean)] });
}

async function remove({ id, machine, user }) {
  const question = {
    title: 'Make this ticket useless?',
    text: `${user} at ${machine}. Sessions that it opened go on.`,
    action: 'Delete',
  };
  if (await confirmed(question)) await attempt(() => api.delete(at`tickets/${id}`));
}
