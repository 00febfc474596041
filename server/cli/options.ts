import type { Argv } from 'yargs';
import { UserError } from '../../src/base/errors.js';
import { SHARE_POLICIES } from '../../src/catalog/config.js';
import { EMULATOR_MEMORY_MIB } from '../../src/catalog/engine-choice.js';
import { ACCELS, DEFAULT_CPUS, DEFAULT_MEMORY_MIB } from '../../src/machine/definition.js';
import { firstLine } from './first-line.js';
import { VNC_SECURITY } from './vnc-security.js';

export const ENGINES = ['auto', 'emulator', 'qemu', 'rfb', 'pattern'] as const;

/** `--qemu-arg -device` means what it says; a single option given twice is noticed. */
export const PARSER = { 'duplicate-arguments-array': true, 'boolean-negation': false, 'nargs-eats-options': true };

/** An option that may be repeated, as a list however often it was. */
const asList = (value: string | string[] | undefined): string[] => (value === undefined ? [] : [value].flat());

/** The options of `vitrine run`: the command-line contract that scripts rely on. */
export function runOptions(yargs: Argv) {
  return yargs
    .usage(
      'vitrine run [options]\n\nBoots one virtual machine with no window on this host and serves its screen until Ctrl-C.',
    )
    .options({
      demo: {
        type: 'boolean',
        default: false,
        describe: 'The built-in demo; needs nothing installed',
        group: 'What boots',
      },
      cdrom: { type: 'string', requiresArg: true, describe: 'CD or DVD image (ISO)', group: 'What boots' },
      disk: {
        type: 'string',
        nargs: 1,
        default: [] as string[],
        coerce: asList,
        describe: 'Disk image; may be repeated',
        group: 'What boots',
      },
      floppy: { type: 'string', requiresArg: true, describe: 'Floppy image', group: 'What boots' },
      kernel: {
        type: 'string',
        requiresArg: true,
        describe: 'Linux kernel or multiboot ELF, booted directly',
        group: 'What boots',
      },
      initrd: { type: 'string', requiresArg: true, describe: 'Initial RAM disk for --kernel', group: 'What boots' },
      append: { type: 'string', nargs: 1, describe: 'Command line for --kernel', group: 'What boots' },
      attach: {
        type: 'string',
        requiresArg: true,
        describe: 'A VNC server to put in front of: rfb://HOST:PORT',
        group: 'What boots',
      },
      name: { type: 'string', requiresArg: true, describe: 'Name of the machine', group: 'Machine' },
      memory: {
        type: 'number',
        requiresArg: true,
        describe: `Memory in MiB (QEMU ${DEFAULT_MEMORY_MIB}, emulator ${EMULATOR_MEMORY_MIB} unless given)`,
        group: 'Machine',
      },
      cpus: {
        type: 'number',
        requiresArg: true,
        describe: `Virtual processors (${DEFAULT_CPUS} unless given)`,
        group: 'Machine',
      },
      engine: { choices: ENGINES, default: 'auto' as const, describe: 'VM core', group: 'Machine' },
      accel: {
        choices: ACCELS,
        default: 'auto' as const,
        describe: 'Accelerator of QEMU; auto proves it before it trusts it',
        group: 'Machine',
      },
      nic: { choices: ['user', 'none'] as const, default: 'user' as const, describe: 'Network card', group: 'Machine' },
      'qemu-arg': {
        type: 'string',
        nargs: 1,
        default: [] as string[],
        coerce: asList,
        describe: 'One more argument for QEMU; may be repeated',
        group: 'Machine',
      },
      'cpu-cap': {
        type: 'number',
        requiresArg: true,
        describe: 'Emulator: most of one core the guest may use, in percent',
        group: 'Machine',
      },
      'keep-changes': {
        type: 'boolean',
        default: false,
        describe: 'Emulator: write what the guest changes to its disks; otherwise it is forgotten',
        group: 'Machine',
      },
      bios: { type: 'string', requiresArg: true, describe: 'Emulator: SeaBIOS image', group: 'Machine' },
      'vga-bios': { type: 'string', requiresArg: true, describe: 'Emulator: its VGA part', group: 'Machine' },
      rdp: {
        type: 'string',
        requiresArg: true,
        default: '3389',
        describe: 'RDP: [ADDRESS:]PORT, [ADDRESS:]auto or off',
        group: 'Servers',
      },
      vnc: { type: 'string', requiresArg: true, default: '5900', describe: 'VNC, likewise', group: 'Servers' },
      http: {
        type: 'string',
        requiresArg: true,
        default: '8080',
        describe: 'Browser console (HTTP and HTTPS), likewise',
        group: 'Servers',
      },
      auth: {
        choices: ['password', 'none'] as const,
        default: 'password' as const,
        describe: 'Whether clients log in',
        group: 'Access',
      },
      'vnc-security': VNC_SECURITY,
      share: {
        choices: SHARE_POLICIES,
        default: 'shared' as const,
        describe: 'Several people at once: all drive, one alone, the newest alone, or one drives and the others watch',
        group: 'Access',
      },
      user: { type: 'string', requiresArg: true, default: 'vitrine', describe: 'User name for RDP', group: 'Access' },
      'password-file': {
        type: 'string',
        requiresArg: true,
        describe: 'File whose first line is the password (or set VITRINE_PASSWORD)',
        group: 'Access',
      },
      'tls-cert': { type: 'string', requiresArg: true, describe: 'Own certificate, PEM', group: 'Access' },
      'tls-key': { type: 'string', requiresArg: true, describe: 'Its key, PEM', group: 'Access' },
      insecure: {
        type: 'boolean',
        default: false,
        describe: 'Allow --auth none on an address others can reach',
        group: 'Access',
      },
      'state-dir': { type: 'string', requiresArg: true, describe: 'Folder for what outlives a run', group: 'Other' },
      'log-level': {
        choices: ['debug', 'info', 'warn', 'error', 'silent'] as const,
        default: 'info' as const,
        describe: 'Least level logged',
        group: 'Other',
      },
      'log-format': {
        choices: ['pretty', 'json'] as const,
        default: 'pretty' as const,
        describe: 'Log lines for people or for programs',
        group: 'Other',
      },
      'ready-file': {
        type: 'string',
        requiresArg: true,
        describe: 'Written as JSON once everything can be reached',
        group: 'Other',
      },
    })
    .example('vitrine run --cdrom debian.iso --disk debian.qcow2 --memory 2048', 'install from an ISO')
    .example('vitrine run --attach rfb://127.0.0.1:5901', 'make a VNC server reachable by RDP');
}

export type RunOptions = Awaited<ReturnType<typeof runOptions>['argv']>;

/** Checks what no single option can know. Throws UserError (usage). */
export function checkRunOptions(options: RunOptions): void {
  const usage = (message: string): never => {
    throw new UserError(message, 2);
  };
  for (const [key, value] of Object.entries(options)) {
    if (Array.isArray(value) && !['disk', 'qemuArg', 'qemu-arg', '_'].includes(key)) usage(`--${key} is given twice`);
  }
  if (options._.length > 1) usage(`unexpected argument '${options._[1]}'; media are named by options such as --cdrom`);
  const { tlsCert, tlsKey } = options;
  if ((tlsCert === undefined) !== (tlsKey === undefined)) usage('--tls-cert and --tls-key belong together');
  if (options.initrd !== undefined && options.kernel === undefined) usage('--initrd needs --kernel');
  if (options.append !== undefined && options.kernel === undefined) usage('--append needs --kernel');
  if (options.attach !== undefined && !['auto', 'rfb'].includes(options.engine)) usage('--attach needs --engine rfb');
  if (options.engine === 'rfb' && options.attach === undefined) usage('--engine rfb needs --attach rfb://HOST:PORT');
  if (!Number.isInteger(options.memory ?? 0)) usage('--memory is a whole number of MiB');
  const { cpus = 1 } = options;
  if (!Number.isInteger(cpus) || cpus < 1) usage('--cpus is a whole number, 1 or more');
  if (!Number.isInteger(options.cpuCap ?? 0)) usage('--cpu-cap is a whole number of percent');
}

/** The password the user chose, or undefined. Throws UserError where it cannot be read or is empty. */
export function chosenPassword(options: Pick<RunOptions, 'passwordFile'>, env: NodeJS.ProcessEnv): string | undefined {
  if (options.passwordFile !== undefined) return firstLine('--password-file', options.passwordFile);
  const fromEnv = env.VITRINE_PASSWORD;
  if (fromEnv === '') throw new UserError('VITRINE_PASSWORD is set but empty');
  return fromEnv;
}
