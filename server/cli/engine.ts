import { basename } from 'node:path';
import { UserError } from '../../src/base/errors.js';
import { given } from '../../src/base/given.js';
import type { Logger } from '../../src/base/log.js';
import type { MachineConfig } from '../../src/catalog/config.js';
import { chooseEngine as engineOf } from '../../src/catalog/engine-choice.js';
import type { Engine } from '../../src/engine/engine.js';
import { isQemuInstalled } from '../../src/engine/qemu/binary.js';
import { checkDefinition } from '../../src/machine/definition.js';
import { emulatorOptions, qemuOptions } from '../vm/engine-options.js';
import type { RunOptions } from './options.js';

export type EngineKind = 'emulator' | 'qemu' | 'rfb' | 'pattern';

export interface EngineChoice {
  readonly kind: EngineKind;
  /** Why, where the user may wonder. */
  readonly reason?: string;
}

/**
 * What the user names decides the engine where `--engine` does not. Throws UserError: usage, and what nobody here can
 * boot.
 */
export function chooseEngine(options: RunOptions, hasQemu: boolean): EngineChoice {
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
  const choice = engineOf(configOf(options), hasQemu);
  if (choice.problem !== undefined) throw choice.problem;
  if (choice.engine === 'qemu' || engine === 'emulator' || demo) return { kind: choice.engine };
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
  const { kind, reason } = chooseEngine(options, await isQemuInstalled());
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
      const name = options.name ?? defaultName(options);
      const definition = await checkDefinition({ ...qemuOptions(configOf(options), process.cwd()), name });
      return new QemuEngine(definition, { stateDir, log });
    }
    case 'emulator': {
      const { EmulatorEngine } = await import('../../src/engine/emulator/emulator.js');
      const { bios, vgaBios, cpuCap, keepChanges: keep } = options;
      if (options.disk.length > 0 && !keep) {
        log.warn({}, 'what the guest changes on its disks is forgotten at the end; --keep-changes writes it');
      }
      return new EmulatorEngine({
        ...emulatorOptions(configOf(options), process.cwd()),
        ...given({ bios, vgaBios, cpuCap }),
        disks: options.disk.map((path) => ({ path, keep })),
        log,
      });
    }
  }
}

/** The options that describe a machine, as a definition. A card that nobody asked for is one that may be missing. */
function configOf(options: RunOptions): MachineConfig {
  const { demo, cdrom, floppy, kernel, initrd, append, memory, cpus, accel, nic, disk, qemuArg, engine } = options;
  return {
    ...given({ cdrom, floppy, kernel, initrd, append, memory, cpus }),
    ...(engine === 'emulator' || engine === 'qemu' ? { engine } : {}),
    demo,
    accel,
    ...(nic === 'none' ? { nics: [{ type: nic }] } : {}),
    disks: disk.map((file) => ({ file })),
    qemuArgs: qemuArg,
  };
}

function mediaOf(options: RunOptions): 'cdrom' | 'disk' | 'floppy' | 'kernel' | undefined {
  if (options.disk.length > 0) return 'disk';
  return (['cdrom', 'floppy', 'kernel'] as const).find((option) => options[option] !== undefined);
}
