import type { Argv, CommandModule } from 'yargs';
import type { HostView, SessionView } from '../../api/views.js';
import { bytes, since, table, VIA } from './table.js';
import { TOP } from './top.js';
import { done, verb } from './verb.js';

function sessionTable(sessions: readonly SessionView[]): string {
  if (sessions.length === 0) return 'nobody is connected\n';
  return table(
    ['ID', 'USER', 'MACHINE', 'BY', 'FROM', 'MAY', 'SINCE', 'SENT'],
    sessions.map((each) => [
      each.id,
      each.user,
      each.machine ?? '(picker)',
      VIA[each.via],
      each.remote,
      each.rights === 'view' ? 'watch' : 'drive',
      since(each.since),
      bytes(each.sentBytes),
    ]),
  );
}

function hostLine({ machines, running, sessions, memory, load, cpus }: HostView): string {
  return `${running} of ${machines} machines run, ${sessions} people; memory ${memory.promisedMiB} of ${memory.allowedMiB} MiB promised, ${memory.availableMiB} MiB free; load ${load.toFixed(2)} on ${cpus} processors\n`;
}

const session = <A>(argv: Argv<A>): Argv<A & { session: string }> =>
  argv.positional('session', {
    type: 'string',
    demandOption: true,
    describe: 'Its id, from vitrine sessions',
  }) as never;

export const HOST_VERBS: readonly CommandModule[] = [
  verb<{ machine?: string }>(
    'sessions [machine]',
    'Who watches and who drives',
    (argv) => argv.positional('machine', { type: 'string', describe: 'Of this machine' }) as never,
    async (api, { machine }) => {
      const sessions = await api.call('session.list', machine === undefined ? {} : { machine });
      return { data: sessions, text: sessionTable(sessions) };
    },
  ),
  verb<{ session: string; message?: string }>(
    'kick <session>',
    'End a session',
    (argv) =>
      session(argv).option('message', { type: 'string', requiresArg: true, describe: 'What they are told' }) as never,
    async (api, { session: id, message }) =>
      done(await api.call('session.kick', { session: id, ...(message === undefined ? {} : { message }) }), 'gone'),
  ),
  verb<{ session: string; off: boolean }>(
    'view-only <session>',
    'Let a session watch only',
    (argv) => session(argv).option('off', { type: 'boolean', default: false, describe: 'Let it drive again' }) as never,
    async (api, { session: id, off }) => {
      const view = await api.call('session.rights', { session: id, rights: off ? 'control' : 'view' });
      return done(view, off ? `${view.user} drives again` : `${view.user} only watches`);
    },
  ),
  verb(
    'host',
    'The service and its host',
    (argv) => argv,
    async (api) => {
      const host = await api.call('host.show', {});
      return { data: host, text: hostLine(host) };
    },
  ),
  TOP,
  verb<{ machine: string; lines?: number }>(
    'log <machine>',
    'The end of a machine’s log',
    (argv) =>
      argv
        .positional('machine', { type: 'string', demandOption: true, describe: 'Name of the machine' })
        .option('lines', { type: 'number', requiresArg: true, describe: 'How many' }) as never,
    async (api, { machine, lines }) => {
      const text = await api.call('machine.log', { machine, ...(lines === undefined ? {} : { lines }) });
      return { data: text.split('\n').filter((line) => line !== ''), text };
    },
  ),
  verb<{ machine?: string; user?: string; limit?: number }>(
    'audit',
    'Who did what',
    (argv) =>
      argv.options({
        machine: { type: 'string', requiresArg: true, describe: 'To this machine' },
        user: { type: 'string', requiresArg: true, describe: 'By this user' },
        limit: { type: 'number', requiresArg: true, describe: 'How many lines' },
      }) as never,
    async (api, { machine, user, limit }) => {
      const entries = await api.call('host.audit', {
        ...(machine === undefined ? {} : { machine }),
        ...(user === undefined ? {} : { user }),
        ...(limit === undefined ? {} : { limit }),
      });
      const rows = entries.map((each) => [
        each.at,
        each.ok ? 'ok' : 'no',
        each.action,
        each.user ?? '-',
        each.remote ?? '-',
        each.machine ?? '-',
        each.detail,
      ]);
      return { data: entries, text: table(['AT', 'OK', 'ACTION', 'USER', 'FROM', 'MACHINE', 'DETAIL'], rows) };
    },
  ),
];
