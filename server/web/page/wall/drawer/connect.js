import { api, at } from '../api.js';
import { secret } from '../dialogs.js';
import { button, download, field, h, select } from '../dom.js';
import { span } from '../format.js';
import { may } from '../roles.js';
import { attempt } from '../toast.js';

const LIFETIMES = [
  ['300', '5 minutes'],
  ['3600', 'an hour'],
  ['86400', 'a day'],
];

/** Ways to the screen without this page: files and links for clients, for oneself or to give away. */
export function connectPart({ name, now, me }) {
  const mayUse = now() !== undefined && may(now(), 'use');
  const rights = select('rights', [...(mayUse ? [['control', 'use it']] : []), ['view', 'only watch']], 'control');
  const seconds = select('seconds', LIFETIMES, '300');
  const links = h('div', { class: 'links' });
  const make = button({
    text: 'Make links',
    icon: 'ticket',
    kind: 'primary',
    on: ({ currentTarget }) => open(currentTarget),
  });
  const login = `${me.name}#${name}`;
  const element = h(
    'div',
    { class: 'part' },
    h('h3', {}, 'One-time links'),
    h('p', { class: 'soft' }, 'Good once, without a password: for yourself, or for somebody who has no account.'),
    h('div', { class: 'row pair' }, field('Whoever has it may', rights), field('Within', seconds)),
    h('div', { class: 'row' }, make),
    links,
    me.machine === null && h('h3', {}, 'With your password'),
    me.machine === null && h('dl', { class: 'facts-list addresses' }),
  );

  async function open(control) {
    await attempt(
      async () => {
        const body = { rights: rights.value, seconds: Number(seconds.value) };
        const console_ = await api.post(at`machines/${name}/console`, body);
        links.replaceChildren(...linksOf(console_, name));
      },
      { control },
    );
  }

  async function showAddresses() {
    const { rdp, vnc } = await api.get('host');
    const lines = [
      ['RDP', rdp],
      ['VNC', vnc],
      ['User', login],
    ].filter(([, text]) => text !== null);
    const list = element.querySelector('.addresses');
    list.replaceChildren(...lines.flatMap(([term, text]) => [h('dt', {}, term), h('dd', {}, h('code', {}, text))]));
  }
  if (me.machine === null) void showAddresses().catch(() => {});
  return { element };
}

/** The links say the service's own address; whoever reads this has come by one that works for them. */
export function ownLink(link) {
  const { pathname, search, hash } = new URL(link);
  return new URL(`${pathname.slice(1)}${search}${hash}`, document.baseURI).href;
}

function linksOf({ browser, vnc, rdp, ticket, expiresAt, user }, name) {
  const lines = [
    h('p', { class: 'soft' }, `For ${user}, good once within ${span(expiresAt)}. They are not shown again.`),
  ];
  if (browser !== null) lines.push(field('Browser', secret(ownLink(browser), 'the browser’s link')));
  if (vnc !== null) lines.push(field('VNC', secret(vnc, 'the VNC link')));
  lines.push(field('As a password', secret(ticket, 'the ticket')));
  if (rdp !== null) {
    const file = new Blob([rdp.file], { type: 'application/x-rdp' });
    const save = button({
      text: `${name}.rdp`,
      icon: 'download',
      on: () => download(file, `${name}.rdp`),
    });
    lines.push(field(`RDP: ${rdp.address} as ${rdp.user}, with the ticket as password`, save));
  }
  return lines;
}
