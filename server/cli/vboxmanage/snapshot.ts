import { UserError } from '../../../src/base/errors.js';
import type { ApiClient } from '../../api/client.js';
import type { SnapshotView } from '../../api/views.js';
import type { Deed } from './deed.js';
import { snapshotFacts, snapshotsAsVBoxManage } from './show.js';
import { flags, optionOf, parseWords } from './words.js';

const ACTIONS = ['take', 'list', 'restore', 'restorecurrent', 'delete'];

/** `snapshot VM take NAME`; ours is `snapshot take VM NAME`. Throws UserError (usage). */
export function snapshot(args: readonly string[]): Deed {
  const [machine, action, ...rest] = args;
  if (machine === undefined || action === undefined || ACTIONS.includes(machine))
    return { ours: ['snapshot', ...args] };
  const parsed = parseWords(rest, flags('live', 'pause', 'details', 'machinereadable'));
  const [name] = parsed.words;
  const description = optionOf(parsed, 'description');
  switch (action) {
    case 'restorecurrent':
      // As there it stays off, or saved, until it is started.
      return { ask: (api) => restoreCurrent(api, machine) };
    case 'list':
      return { ask: (api) => list(api, machine, optionOf(parsed, 'machinereadable') !== undefined) };
    case 'take':
    case 'restore':
    case 'delete':
      if (name === undefined) throw new UserError(`snapshot ${machine} ${action}: which one?`, 2);
      return {
        ours: [
          ...['snapshot', action, machine, name],
          ...(action === 'take' && description !== undefined ? ['--description', description] : []),
        ],
      };
    default:
      throw new UserError(`snapshot ${machine} ${action} is not known here: ${ACTIONS.join(', ')}`, 2);
  }
}

async function list(api: ApiClient, machine: string, isForPrograms: boolean): Promise<string> {
  const snapshots = await api.call('snapshot.list', { machine });
  if (isForPrograms) return snapshotFacts(snapshots);
  return snapshotsAsVBoxManage(snapshots) || 'This machine does not have any snapshots\n';
}

async function restoreCurrent(api: ApiClient, machine: string): Promise<string> {
  const snapshots: readonly SnapshotView[] = await api.call('snapshot.list', { machine });
  const current = snapshots.find((each) => each.current);
  if (current === undefined) throw new UserError(`${machine} has no snapshot to go back to`);
  await api.call('snapshot.restore', { machine, snapshot: current.id });
  return `Restoring snapshot '${current.name}' (${current.id})\n`;
}
