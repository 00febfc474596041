import { Problem } from '../../src/base/errors.js';
import type { MachineConfig } from '../../src/catalog/config.js';

/** The parts of a definition that reach beyond the machine: into the host's files, devices, network and programs. */
const REACHING = [
  'qemuArgs',
  'sharedFolders',
  'usb',
  'disks',
  'cdrom',
  'floppy',
  'kernel',
  'initrd',
  'nics',
  'template',
  'pool',
  'origin',
] as const satisfies readonly (keyof MachineConfig)[];
const REACHING_OF_CONSOLE = ['rdpPort', 'vncPort'] as const;

/**
 * Throws Problem 'forbidden' where a change of definition reaches into the host: whoever administers a machine may do
 * what they like with it, and must not become the host's administrator by it.
 */
export function checkReach(before: MachineConfig, after: MachineConfig): void {
  const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
  const field =
    REACHING.find((name) => !same(before[name], after[name])) ??
    REACHING_OF_CONSOLE.find((name) => !same(before.console?.[name], after.console?.[name]));
  if (field === undefined) return;
  throw new Problem('forbidden', `only administrators of the host may change ${field}: it reaches into the host`);
}

/**
 * Throws Problem 'forbidden' where going back to a snapshot would bring back a reach into the host that its administrator
 * has taken away since. What was added meanwhile may go.
 */
export function checkReturn(present: MachineConfig, then: MachineConfig): void {
  const kept = (name: (typeof REACHING)[number]): Set<string> => new Set(reach(present, name));
  const field = REACHING.find((name) => reach(then, name).some((item) => !kept(name).has(item)));
  if (field === undefined) return;
  throw new Problem(
    'forbidden',
    `only administrators of the host may go back there: the machine’s ${field} of then reach into the host`,
  );
}

/** A field's items, one by one; without a word there is a network card. */
function reach(config: MachineConfig, name: (typeof REACHING)[number]): string[] {
  const value = config[name] ?? (name === 'nics' ? [{ type: 'user' }] : []);
  return (Array.isArray(value) ? value : [value]).map((item) => JSON.stringify(item));
}
