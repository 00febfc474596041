import { UserError } from '../../../src/base/errors.js';
import type { MachineDetails, MachineState, MachineView } from '../../api/views.js';

type Rewrite = (rest: readonly string[]) => readonly string[];

const CONTROL: Readonly<Record<string, (machine: string, rest: readonly string[]) => readonly string[]>> = {
  poweroff: (machine) => ['stop', machine],
  pause: (machine) => ['pause', machine],
  resume: (machine) => ['resume', machine],
  reset: (machine) => ['reset', machine],
  savestate: (machine) => ['save', machine],
  acpipowerbutton: (machine) => ['shutdown', machine],
  shutdown: (machine) => ['shutdown', machine],
  keyboardputscancode: (machine, codes) => ['key', machine, '--scancodes', codes.join(' ')],
  keyboardputstring: (machine, text) => ['type', machine, '--', ...text],
  screenshotpng: (machine, [file = '-']) => ['screenshot', machine, file],
  setvideomodehint: (machine, [width = '', height = '']) => ['resize', machine, `${width}x${height}`],
  guestmemoryballoon: (machine, [mib = '']) => ['balloon', machine, mib],
};

const SNAPSHOT_VERBS = ['take', 'list', 'restore', 'restorecurrent', 'delete'];

const COMMANDS: Readonly<Record<string, Rewrite>> = {
  startvm: (rest) => ['start', ...without(rest, ['--type', '-type'])],
  controlvm: ([machine = '', action = '', ...rest]) => {
    const rewrite = Object.hasOwn(CONTROL, action) ? CONTROL[action] : undefined;
    if (rewrite === undefined) throw new UserError(`controlvm ${action} is not known here: see 'vitrine --help'`, 2);
    return rewrite(machine, rest);
  },
  showvminfo: (rest) => ['show', ...without(rest, [], ['--details'])],
  unregistervm: (rest) => {
    if (!rest.includes('--delete')) throw new UserError('machines are unregistered by deleting them: add --delete', 2);
    return ['delete', ...without(rest, [], ['--delete'])];
  },
  clonevm: (rest) => {
    const [machine = ''] = without(rest, ['--name', '--options', '--snapshot', '--mode'], ['--register']);
    const name = valueAfter(rest, '--name') ?? `${machine}-clone`;
    const snapshot = valueAfter(rest, '--snapshot');
    const linked = valueAfter(rest, '--options')?.split(',').includes('link') ? ['--linked'] : [];
    return ['clone', machine, name, ...linked, ...(snapshot === undefined ? [] : ['--snapshot', snapshot])];
  },
  modifyvm: (rest) => ['set', ...rest],
  discardstate: (rest) => ['discard', ...rest],
  // `snapshot VM take NAME`; ours is `snapshot take VM NAME`.
  snapshot: (rest) => {
    const [machine, action, ...more] = rest;
    if (
      machine === undefined ||
      action === undefined ||
      SNAPSHOT_VERBS.includes(machine) ||
      !SNAPSHOT_VERBS.includes(action)
    ) {
      return ['snapshot', ...rest];
    }
    if (action === 'restorecurrent') return ['rollback', machine];
    return ['snapshot', action, machine, ...without(more, ['--uniquename'], ['--live', '--pause'])];
  },
};

/** A command line as VBoxManage takes it, as ours; all others as they are. Throws UserError (usage). */
export function fromVBoxManage(args: readonly string[]): readonly string[] {
  const [command = '', ...rest] = args;
  const rewrite = Object.hasOwn(COMMANDS, command) ? COMMANDS[command] : undefined;
  return rewrite === undefined || rest.includes('--help') ? args : rewrite(rest);
}

/** `"name" {name}`: scripts take what stands in either. */
export function namesAsVBoxManage(machines: readonly MachineView[]): string {
  return machines.map(({ name }) => `"${name}" {${name}}\n`).join('');
}

const STATES: Readonly<Record<MachineState, string>> = {
  off: 'poweroff',
  template: 'poweroff',
  invalid: 'inaccessible',
  saved: 'saved',
  starting: 'starting',
  running: 'running',
  paused: 'paused',
  saving: 'saving',
  stopping: 'stopping',
  crashed: 'aborted',
};

/** `showvminfo --machinereadable`, as far as we have it. */
export function factsAsVBoxManage(machine: MachineDetails): string {
  const lines = [
    `name="${machine.name}"`,
    `UUID="${machine.name}"`,
    `CfgFile="${machine.folder}/machine.yaml"`,
    `memory=${machine.memoryMiB}`,
    `cpus=${machine.cpus}`,
    `VMState="${STATES[machine.state]}"`,
    ...(machine.width === null ? [] : [`VideoMode="${machine.width},${machine.height},32"@0,0 1`]),
    ...machine.snapshots.filter(({ current }) => current).map(({ name }) => `CurrentSnapshotName="${name}"`),
  ];
  return `${lines.join('\n')}\n`;
}

/** Without these options and their values, and without these flags. */
function without(args: readonly string[], options: readonly string[], flags: readonly string[] = []): string[] {
  return args.filter(
    (arg, i) => !options.includes(arg) && !flags.includes(arg) && !options.includes(args[i - 1] ?? ''),
  );
}

function valueAfter(args: readonly string[], option: string): string | undefined {
  const at = args.indexOf(option);
  return at < 0 ? undefined : args[at + 1];
}
