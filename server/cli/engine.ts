import { basename } from 'node:path';
import { UserError } from '../../src/base/errors.js';
import type { Logger } from '../../src/base/log.js';
import type { Engine } from '../../src/engine/engine.js';
import { checkDefinition, type MachineOptions } from '../../src/machine/definition.js';
import type { RunOptions } from './options.js';

/** What the user names decides the engine where `--engine` does not. Throws UserError (usage). */
export function chooseEngine(options: RunOptions): 'qemu' | 'rfb' | 'pattern' {
  const media = mediaOf(options);
  const { engine } = options;
  if (engine === 'emulator') {
    throw new UserError('--engine emulator: this build has no embedded emulator; use qemu, rfb or pattern', 2);
  }
  if (options.attach !== undefined) {
    if (media !== undefined || options.demo)
      throw new UserError('--attach shows another server; nothing boots here', 2);
    return 'rfb';
  }
  if (options.demo || engine === 'pattern') {
    if (media !== undefined) throw new UserError(`the test card boots nothing; drop --${media}`, 2);
    if (engine === 'qemu') throw new UserError('--demo does not run on QEMU', 2);
    return 'pattern';
  }
  if (engine === 'rfb') throw new UserError('--engine rfb needs --attach rfb://HOST:PORT', 2);
  if (media === undefined && options.qemuArg.length === 0) {
    throw new UserError('nothing to boot: give --cdrom, --disk, --floppy, --kernel, --attach or --demo', 2);
  }
  return 'qemu';
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
  switch (chooseEngine(options)) {
    case 'pattern': {
      const { PatternEngine } = await import('../../src/engine/pattern/pattern.js');
      return new PatternEngine();
    }
    case 'rfb': {
      const { RfbEngine } = await import('../../src/engine/rfb/engine.js');
      return new RfbEngine(options.attach!, { log });
    }
    case 'qemu': {
      const { QemuEngine } = await import('../../src/engine/qemu/qemu.js');
      return new QemuEngine(await checkDefinition(machineOptions(options)), { stateDir, log });
    }
  }
}

/** The options that describe a machine, as the definition names them. */
function machineOptions(options: RunOptions): MachineOptions {
  const {
    name = defaultName(options),
    memory,
    cpus,
    cdrom,
    disk,
    floppy,
    kernel,
    initrd,
    append,
    nic,
    accel,
  } = options;
  const media = { cdrom, floppy, kernel, initrd, append };
  const given = Object.fromEntries(Object.entries(media).filter(([, value]) => value !== undefined));
  return { name, memoryMiB: memory, cpus, disks: disk, nic, accel, qemuArgs: options.qemuArg, ...given };
}

function mediaOf(options: RunOptions): 'cdrom' | 'disk' | 'floppy' | 'kernel' | undefined {
  if (options.disk.length > 0) return 'disk';
  return (['cdrom', 'floppy', 'kernel'] as const).find((option) => options[option] !== undefined);
}
