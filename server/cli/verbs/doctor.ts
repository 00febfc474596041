import { existsSync, statfsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { delimiter, join } from 'node:path';
import type { CommandModule } from 'yargs';
import { messageOf } from '../../../src/base/errors.js';
import { availableMiB, ksmState } from '../../service/host-memory.js';
import { defaultStateDir, openStateDir } from '../../state-dir.js';
import type { ServiceArgs } from './service-args.js';
import { bytes } from './table.js';
import { serviceOptions } from './verb.js';

/** 'ok'; 'note': something that some machines need is not there; 'bad': it will not work. */
interface Finding {
  readonly verdict: 'ok' | 'note' | 'bad';
  readonly what: string;
  readonly text: string;
}

/** Programs that some machines need beside QEMU, and Debian's package of each. */
const PROGRAMS: readonly (readonly [program: string, purpose: string, name: string])[] = [
  ['qemu-img', 'disks, snapshots and clones under QEMU', 'qemu-utils'],
  ['swtpm', 'machines with a TPM', 'swtpm'],
  ['virtiofsd', 'shared folders by virtiofs (9p works without)', 'virtiofsd'],
];
const FIRMWARE: readonly (readonly [purpose: string, name: string, files: readonly string[]])[] = [
  [
    'UEFI machines',
    'ovmf',
    ['/usr/share/OVMF', '/usr/share/edk2', '/usr/share/qemu/edk2-x86_64-code.fd', '/opt/homebrew/share/qemu'],
  ],
  [
    'disks and CDs on the embedded emulator',
    'seabios',
    ['/usr/share/seabios', '/usr/share/qemu/bios.bin', '/opt/homebrew/share/qemu'],
  ],
];

async function examine(args: ServiceArgs): Promise<Finding[]> {
  const stateDir = openStateDir(args.stateDir ?? defaultStateDir());
  return [
    {
      verdict: 'ok',
      what: 'node',
      text: `${process.version}, ${availableParallelism()} processors, ${availableMiB()} MiB free`,
    },
    ...(await qemu(stateDir)),
    ...PROGRAMS.map(([program, purpose, name]) => installed(program, findProgram(program), purpose, name)),
    ...FIRMWARE.map(([purpose, name, files]) =>
      installed(
        name,
        files.find((file) => existsSync(file)),
        purpose,
        name,
      ),
    ),
    sharing(),
    space(stateDir),
    await service(args),
  ];
}

async function qemu(stateDir: string): Promise<Finding[]> {
  const [{ createLog }, { findQemu }, { chooseAccel }, { Memo }] = await Promise.all([
    import('../log.js'),
    import('../../../src/engine/qemu/binary.js'),
    import('../../../src/engine/qemu/accel.js'),
    import('../../../src/engine/qemu/memo.js'),
  ]);
  const memo = new Memo(join(stateDir, 'qemu.json'));
  try {
    const binary = await findQemu(memo);
    const { accel } = await chooseAccel('auto', binary, { memo, log: createLog('silent', 'json') });
    const slow = 'no acceleration that works on this host: guests are emulated, which is slow';
    return [
      { verdict: 'ok', what: 'qemu', text: `${binary.version}, ${binary.path}` },
      {
        verdict: accel === 'tcg' ? 'note' : 'ok',
        what: 'accelerator',
        text: accel === 'tcg' ? slow : `${accel}, proven`,
      },
    ];
  } catch (error) {
    return [
      {
        verdict: 'note',
        what: 'qemu',
        text: `${messageOf(error)}; until then only the embedded emulator boots guests`,
      },
    ];
  }
}

function installed(what: string, path: string | undefined, purpose: string, name: string): Finding {
  return path === undefined
    ? { verdict: 'note', what, text: `not found: ${purpose} need it (Debian: apt install ${name})` }
    : { verdict: 'ok', what, text: path };
}

function findProgram(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/lib/qemu', '/usr/libexec'];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

function sharing(): Finding {
  const ksm = ksmState();
  if (ksm === null) return { verdict: 'ok', what: 'memory merging', text: 'this host has none' };
  const on = `on, ${ksm.sharedMiB} MiB shared`;
  const off = 'off: echo 1 > /sys/kernel/mm/ksm/run lets equal guests share memory';
  return { verdict: 'ok', what: 'memory merging', text: ksm.running ? on : off };
}

function space(stateDir: string): Finding {
  const { bavail, bsize } = statfsSync(stateDir);
  const free = bavail * bsize;
  return { verdict: free < 1 << 30 ? 'bad' : 'ok', what: 'disk', text: `${bytes(free)} free in ${stateDir}` };
}

async function service(args: ServiceArgs): Promise<Finding> {
  const { connectService } = await import('./connect.js');
  try {
    const api = await connectService(args);
    try {
      const { version, pid, rdp, vnc, http, running, machines } = await api.call('host.show', {});
      const ports = [`rdp ${rdp ?? 'off'}`, `vnc ${vnc ?? 'off'}`, `http ${http ?? 'off'}`].join(', ');
      return {
        verdict: 'ok',
        what: 'service',
        text: `${version}, process ${pid}, ${running} of ${machines} machines run; ${ports}`,
      };
    } finally {
      api.close();
    }
  } catch (error) {
    return { verdict: 'note', what: 'service', text: messageOf(error) };
  }
}

export const DOCTOR: CommandModule<object, object> = {
  command: 'doctor',
  describe: 'What this host has, and what is missing',
  builder: (argv) => serviceOptions(argv),
  handler: async (args) => {
    const given = args as unknown as ServiceArgs;
    const findings = await examine(given);
    const width = Math.max(...findings.map(({ what }) => what.length));
    const lines = findings.map(({ verdict, what, text }) => `${verdict.padEnd(5)}${what.padEnd(width + 2)}${text}\n`);
    process.stdout.write(given.json ? `${JSON.stringify(findings, undefined, 2)}\n` : lines.join(''));
    if (findings.some(({ verdict }) => verdict === 'bad')) process.exitCode = 1;
  },
};
