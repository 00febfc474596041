import { resolve } from 'node:path';
import type { Argv } from 'yargs';
import { UserError } from '../../../src/base/errors.js';
import type { DiskConfig, MachineConfig, SharePolicy } from '../../../src/catalog/config.js';
import { SHARE_POLICIES } from '../../../src/catalog/config.js';

/** A definition as options: what most machines need. The rest stands in YAML (`vitrine define`). */
export interface ConfigArgs {
  readonly demo?: boolean;
  readonly cdrom?: string;
  readonly floppy?: string;
  readonly kernel?: string;
  readonly initrd?: string;
  readonly append?: string;
  readonly disk?: string | readonly string[];
  readonly newDisk?: string | readonly string[];
  readonly memory?: number;
  readonly cpus?: number;
  readonly engine?: 'auto' | 'emulator' | 'qemu';
  readonly accel?: string;
  readonly firmware?: 'bios' | 'uefi';
  readonly description?: string;
  readonly share?: SharePolicy;
  readonly template?: boolean;
  readonly pool?: 'per-user' | 'ephemeral';
  readonly autostart?: boolean;
  readonly restart?: 'never' | 'on-crash' | 'always';
  readonly idle?: string;
}

export function configOptions<A>(argv: Argv<A>): Argv<A & ConfigArgs> {
  const text = (describe: string) => ({ type: 'string', requiresArg: true, describe, group: 'Machine' }) as const;
  const flag = (describe: string) => ({ type: 'boolean', describe, group: 'Machine' }) as const;
  const number = (describe: string) => ({ type: 'number', requiresArg: true, describe, group: 'Machine' }) as const;
  return argv.options({
    demo: flag('The built-in demo guest'),
    cdrom: text('CD or DVD image (ISO)'),
    floppy: text('Floppy image'),
    kernel: text('Linux kernel or multiboot ELF, booted directly'),
    initrd: text('Initial RAM disk for --kernel'),
    append: { ...text('Command line for --kernel'), requiresArg: false, nargs: 1 },
    disk: text('Disk image that exists; may be repeated'),
    'new-disk': text('Size of a disk that is to be made, such as 20G; may be repeated'),
    memory: number('MiB'),
    cpus: number('Virtual processors'),
    engine: { ...text('VM core'), choices: ['auto', 'emulator', 'qemu'] },
    accel: { ...text('Accelerator of QEMU'), choices: ['auto', 'kvm', 'hvf', 'whpx', 'tcg'] },
    firmware: { ...text('Firmware'), choices: ['bios', 'uefi'] },
    description: text('For people'),
    share: { ...text('Who shares its screen'), choices: SHARE_POLICIES },
    template: flag('It is never started; others are cloned from it'),
    pool: { ...text('A template of which each user gets a machine'), choices: ['per-user', 'ephemeral'] },
    autostart: flag('Started with the service'),
    restart: { ...text('When its guest crashes'), choices: ['never', 'on-crash', 'always'] },
    idle: text('What is done after minutes with nobody connected: pause:M, save:M or shutdown:M'),
  }) as unknown as Argv<A & ConfigArgs>;
}

export function configFrom(args: ConfigArgs): MachineConfig {
  const { demo, engine, accel, memory, cpus, firmware, append, description, autostart, restart } = args;
  const disks: DiskConfig[] = [
    ...asList(args.disk).map((file) => ({ file: resolve(file) })),
    ...asList(args.newDisk).map((size) => ({ size })),
  ];
  const values = {
    description,
    demo: demo || undefined,
    engine,
    accel,
    memory,
    cpus,
    firmware,
    cdrom: absolute(args.cdrom),
    floppy: absolute(args.floppy),
    kernel: absolute(args.kernel),
    initrd: absolute(args.initrd),
    append,
    disks: disks.length === 0 ? undefined : disks,
    console: args.share === undefined ? undefined : { share: args.share },
    template: args.template === true || args.pool !== undefined ? true : undefined,
    pool: args.pool === undefined ? undefined : { type: args.pool },
    autostart: autostart || undefined,
    restart,
    idle: idleFrom(args.idle),
  };
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as MachineConfig;
}

/** Throws UserError (usage). */
function idleFrom(text: string | undefined): MachineConfig['idle'] | undefined {
  if (text === undefined) return undefined;
  const [, action, minutes] = /^(pause|save|shutdown):(\d{1,6})$/.exec(text) ?? [];
  if (action === undefined)
    throw new UserError(`--idle ${text}: expected pause:MINUTES, save:MINUTES or shutdown:MINUTES`, 2);
  return { action: action as 'pause' | 'save' | 'shutdown', afterMinutes: Number(minutes) };
}

/** The service has a working folder of its own. */
function absolute(path: string | undefined): string | undefined {
  return path === undefined ? undefined : resolve(path);
}

function asList(value: string | readonly string[] | undefined): readonly string[] {
  return value === undefined ? [] : [value].flat();
}
