import { isAbsolute, resolve } from 'node:path';
import { Problem } from '../../src/base/errors.js';
import { given } from '../../src/base/given.js';
import type { Logger } from '../../src/base/log.js';
import type { MachineConfig } from '../../src/catalog/config.js';
import { emulatorLacks } from '../../src/catalog/emulator-lacks.js';
import type { MachineEntry } from '../../src/catalog/entry.js';
import type { Engine } from '../../src/engine/engine.js';

export interface EngineSurroundings {
  /** Where it is remembered what QEMU and the host can do. */
  readonly stateDir: string;
  readonly log: Logger;
}

/** The emulator's guests are small ones, and their memory is this process's own. */
export const EMULATOR_MEMORY_MIB = 512;

/**
 * The engine that runs a machine of the catalog; each engine's code is loaded only when it is the one. Rejects with
 * UserError for what the definition asks and nobody can do.
 * @param resumeFrom a state that it goes on from
 */
export async function engineFor(
  entry: MachineEntry,
  around: EngineSurroundings,
  resumeFrom: string | null,
): Promise<Engine> {
  const { config, problem, name } = entry;
  if (config === undefined) throw new Problem('invalid-definition', problem ?? `${name} has no definition`);
  if (config.template === true) throw new Problem('wrong-state', `${name} is a template, which is never started`);
  const kind = await chooseEngine(config, isQemuInstalled);
  if (kind === 'emulator') return emulatorFor(entry, config, around, resumeFrom);
  const [{ QemuEngine }, { checkDefinition }, { qemuOptions }, { DEMO_IMAGE }] = await Promise.all([
    import('../../src/engine/qemu/qemu.js'),
    import('../../src/machine/definition.js'),
    import('./qemu-options.js'),
    import('../../src/engine/emulator/demo/image.js'),
  ]);
  const options = qemuOptions(entry, config);
  const definition = await checkDefinition(config.demo === true ? { ...options, kernel: DEMO_IMAGE } : options);
  return new QemuEngine(definition, { ...around, ...(resumeFrom !== null && { resumeFrom }) });
}

/** The demo is the emulator's own guest; all else goes to QEMU, and to the emulator only where there is no QEMU. */
export async function chooseEngine(
  config: MachineConfig,
  hasQemu: () => Promise<boolean>,
): Promise<'emulator' | 'qemu'> {
  const { engine = 'auto' } = config;
  if (engine === 'qemu') return 'qemu';
  const lacks = emulatorLacks(config);
  if (engine === 'emulator') {
    if (lacks !== undefined) throw new Problem('invalid-definition', `the embedded emulator has no ${lacks}`);
    return 'emulator';
  }
  if (config.demo === true && lacks === undefined) return 'emulator';
  if (await hasQemu()) return 'qemu';
  if (lacks === undefined) return 'emulator';
  throw new Problem('not-supported', `QEMU is not installed on this host, and the embedded emulator has no ${lacks}`);
}

async function emulatorFor(
  { folder, stored }: MachineEntry,
  config: MachineConfig,
  { log }: EngineSurroundings,
  resumeFrom: string | null,
): Promise<Engine> {
  const [{ EmulatorEngine }, { DEMO_IMAGE, DEMO_MEMORY_MIB }] = await Promise.all([
    import('../../src/engine/emulator/emulator.js'),
    import('../../src/engine/emulator/demo/image.js'),
  ]);
  const demo = config.demo === true;
  const file = (path: string | undefined): string | undefined =>
    path === undefined || isAbsolute(path) ? path : resolve(folder, path);
  const { cdrom, floppy, kernel, initrd, append, disks = [] } = config;
  return new EmulatorEngine({
    ...given({
      cdrom: file(cdrom),
      floppy: file(floppy),
      kernel: demo ? DEMO_IMAGE : file(kernel),
      initrd: file(initrd),
      append,
      resumeFrom: resumeFrom ?? undefined,
    }),
    disks: disks.map(({ readOnly }, i) => ({ path: stored.disks[i]!, keep: readOnly !== true })),
    memoryMiB: config.memory ?? (demo ? DEMO_MEMORY_MIB : EMULATOR_MEMORY_MIB),
    log,
  });
}

async function isQemuInstalled(): Promise<boolean> {
  return (await import('../../src/engine/qemu/binary.js')).isQemuInstalled();
}
