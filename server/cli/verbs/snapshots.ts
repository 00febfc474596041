import type { Argv, CommandModule } from 'yargs';
import type { SnapshotView } from '../../api/views.js';
import { since } from './table.js';
import { done, group, type OnMachine, onMachine, verb } from './verb.js';

const onSnapshot = <A>(argv: Argv<A>): Argv<A & OnMachine & { snapshot: string }> =>
  onMachine(argv).positional('snapshot', { type: 'string', demandOption: true, describe: 'Its name or id' }) as never;

/** Children under their parents. */
function tree(snapshots: readonly SnapshotView[], parent: string | null = null, indent = ''): string {
  return snapshots
    .filter((each) => each.parent === parent)
    .map((each) => {
      const remarks = [each.id, `${since(each.takenAt)} ago`, each.running ? 'running' : 'off', each.description];
      const marked = each.current ? ' *' : '';
      return `${indent}${each.name}${marked}  (${remarks.filter((text) => text !== '').join(', ')})\n${tree(snapshots, each.id, `${indent}  `)}`;
    })
    .join('');
}

const TAKE = verb<OnMachine & { name: string; description?: string }>(
  'take <machine> <name>',
  'Take one, running or off',
  (argv) =>
    onMachine(argv)
      .positional('name', { type: 'string', demandOption: true, describe: 'What to call it' })
      .option('description', { type: 'string', requiresArg: true, describe: 'For people' }) as never,
  async (api, { machine, name, description }) => {
    const snapshot = await api.call('snapshot.take', {
      machine,
      name,
      ...(description === undefined ? {} : { description }),
    });
    return done(snapshot, `${machine} has a snapshot ${name} (${snapshot.id})`);
  },
);
const LIST = verb(
  'list <machine>',
  'The tree of them; * is where the disks are now',
  onMachine,
  async (api, { machine }) => {
    const snapshots = await api.call('snapshot.list', { machine });
    return { data: snapshots, text: snapshots.length === 0 ? `${machine} has no snapshots\n` : tree(snapshots) };
  },
);
const RESTORE = verb(
  'restore <machine> <snapshot>',
  'Go back to one; what happened since is lost',
  onSnapshot,
  async (api, { machine, snapshot }) =>
    done(await api.call('snapshot.restore', { machine, snapshot }), `${machine} is back at ${snapshot}`),
);
const DELETE = verb(
  'delete <machine> <snapshot>',
  'Delete one; what grew from it stays',
  onSnapshot,
  async (api, { machine, snapshot }) =>
    done(await api.call('snapshot.delete', { machine, snapshot }), `${snapshot} is deleted`),
);

export const SNAPSHOT_VERBS: readonly CommandModule[] = [
  group('snapshot', 'Snapshots: take, list, restore, delete', [TAKE, LIST, RESTORE, DELETE]),
];
