import { basename } from 'node:path';
import { UserError } from '../../src/base/errors.js';
import { given } from '../../src/base/given.js';
import type { Logger } from '../../src/base/log.js';
import type { Engine } from '../../src/engine/engine.js';
import { checkDefinition, type MachineOptions } from '../../src/machine/definition.js';
import { EMULATOR_MEMORY_MIB } from '../vm/engine.js';
import type { RunOptions } from './options.js';

export type EngineKind = 'emulator' | 'qemu' | 'rfb' | 'pattern';

export interface EngineChoice {
  readonly kind: EngineKind;
  /** Why, where the user may wonder. */
  readonly reason?: string;
}

/**
 * What the user names decides the engine where `--engine` does not: the demo is the emulator's own guest, media go to
 * QEMU, and to the emulator only where there is no QEMU. Throws UserError (usage).
 */
export async function chooseEngine(options: RunOptions, hasQemu: () => Promise<boolean>): Promise<EngineChoice> {
  const media = mediaOf(options);
  const { engine, demo } = options;
  if (options.attach !== undefined) {
    if (media !== undefined || demo) throw new UserError('--attach shows another server; nothing boots here', 2);
    return { kind: 'rfb' };
  }
  if (engine === 'pattern') {
    if (media !== undefined || demo) throw new UserError(`the test card boots nothing; drop --${media ?? 'demo'}`, 2);
    return { kind: 'pattern' };
  }
  if (demo && media !== undefined) throw new UserError(`--demo boots its own guest; drop --${media}`, 2);
  if (!demo && media === undefined && (engine === 'emulator' || options.qemuArg.length === 0)) {
    throw new UserError('nothing to boot: give --cdrom, --disk, --floppy, --kernel, --attach or --demo', 2);
  }
  if (engine === 'emulator' || engine === 'qemu') return { kind: engine };
  if (demo) return { kind: 'emulator' };
  if (options.qemuArg.length > 0 || (await hasQemu())) return { kind: 'qemu' };
  return {
    kind: 'emulator',
    reason: 'QEMU is not installed: this boots on the embedded emulator, which is slower and knows 32 bit guests only',
  };
}

/** A name for people: what boots. */
export function defaultName(options: RunOptions): string {
  const media = mediaOf(options);
  if (options.attach !== undefined) return options.attach.replace(/^rfb:\/\/([^@]*@)?/, '');
  if (media === undefined) return 'demo';
  const value = options[media];
  const file = Array.isArray(value) ? value[0]! : value!;
  return basename(file).replace(/\.[A-Za-z0-9]{2,5}$/, '');
}

/** Each engine's code is loaded only when it is the one. */
export async function createEngine(options: RunOptions, stateDir: string, log: Logger): Promise<Engine> {
  const { kind, reason } = await chooseEngine(options, hasQemu);
  if (reason !== undefined) log.info({ engine: kind }, reason);
  switch (kind) {
    case 'pattern': {
      const { PatternEngine } = await import('../../src/engine/pattern/pattern.js');
      return new PatternEngine({ log });
    }
    case 'rfb': {
      const { RfbEngine } = await import('../../src/engine/rfb/engine.js');
      return new RfbEngine(options.attach!, { log });
    }
    case 'qemu': {
      const { QemuEngine } = await import('../../src/engine/qemu/qemu.js');
      return new QemuEngine(await checkDefinition(await machineOptions(options)), { stateDir, log });
    }
    case 'emulator':
      return createEmulator(options, log);
  }
}

async function createEmulator(options: RunOptions, log: Logger): Promise<Engine> {
  const [{ EmulatorEngine }, { DEMO_IMAGE, DEMO_MEMORY_MIB }] = await Promise.all([
    import('../../src/engine/emulator/emulator.js'),
    import('../../src/engine/emulator/demo/image.js'),
  ]);
  const { cdrom, floppy, initrd, append, bios, vgaBios, cpuCap, keepChanges: keep, demo } = options;
  if (options.disk.length > 0 && !keep) {
    log.warn({}, 'what the guest changes on its disks is forgotten at the end; --keep-changes writes it');
  }
  return new EmulatorEngine({
    ...given({ cdrom, floppy, initrd, append, bios, vgaBios, cpuCap, kernel: demo ? DEMO_IMAGE : options.kernel }),
    disks: options.disk.map((path) => ({ path, keep })),
    memoryMiB: options.memory ?? (demo ? DEMO_MEMORY_MIB : EMULATOR_MEMORY_MIB),
    log,
  });
}

/** The options that describe a machine, as the definition names them. */
async function machineOptions(options: RunOptions): Promise<MachineOptions> {
  const { name = defaultName(options), cdrom, floppy, initrd, append, nic, accel, cpus } = options;
  const kernel = options.demo ? (await import('../../src/engine/emulator/demo/image.js')).DEMO_IMAGE : options.kernel;
  const some = given({ cdrom, floppy, kernel, initrd, append, memoryMiB: options.memory, cpus });
  return { name, disks: options.disk, nic, accel, qemuArgs: options.qemuArg, ...some };
}

async function hasQemu(): Promise<boolean> {
  const { isQemuInstalled } = await import('../../src/engine/qemu/binary.js');
  return isQemuInstalled();
}

function mediaOf(options: RunOptions): 'cdrom' | 'disk' | 'floppy' | 'kernel' | undefined {
  if (options.disk.length > 0) return 'disk';
  return (['cdrom', 'floppy', 'kernel'] as const).find((option) => options[option] !== undefined);
}
