import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { messageOf } from '../../../src/base/errors.js';
import { silentLog } from '../../../src/base/log.js';
import { type Finding, note, ok, tryOut } from './finding.js';

/** Programs that some machines need beside QEMU, and Debian's package of each. */
const PROGRAMS: readonly (readonly [program: string, purpose: string, name: string])[] = [
  ['qemu-img', 'disks, snapshots and clones under QEMU', 'qemu-utils'],
  ['swtpm', 'machines with a TPM', 'swtpm'],
  ['virtiofsd', 'shared folders by virtiofs (9p works without)', 'virtiofsd'],
];
const LIBEXEC = ['/usr/lib/qemu', '/usr/libexec'];

/** What can run guests here: QEMU and its companions, and the embedded emulator's firmware. */
export async function engines(stateDir: string): Promise<Finding[]> {
  const [{ findUefi }, { loadFirmware }] = await Promise.all([
    import('../../../src/engine/qemu/uefi.js'),
    import('../../../src/engine/emulator/firmware.js'),
  ]);
  return [
    ...(await qemu(stateDir)),
    ...PROGRAMS.map((row) => program(...row)),
    await tryOut('ovmf', async () => (await findUefi()).code),
    await tryOut('seabios', async () => {
      await loadFirmware(undefined, undefined);
      return 'disks and CDs boot on the embedded emulator, too';
    }),
  ];
}

async function qemu(stateDir: string): Promise<Finding[]> {
  const [{ findQemu }, { chooseAccel }, { Memo }] = await Promise.all([
    import('../../../src/engine/qemu/binary.js'),
    import('../../../src/engine/qemu/accel.js'),
    import('../../../src/engine/qemu/memo.js'),
  ]);
  const memo = new Memo(join(stateDir, 'qemu.json'));
  try {
    const binary = await findQemu(memo);
    let slow = '';
    const warn = (_fields: object, message: string): void => {
      slow = message;
    };
    const { accel } = await chooseAccel('auto', binary, { memo, log: { ...silentLog, warn } });
    return [
      ok('qemu', `${binary.version}, ${binary.path}`),
      accel === 'tcg' ? note('accelerator', slow) : ok('accelerator', `${accel}, proven`),
    ];
  } catch (error) {
    return [note('qemu', `${messageOf(error)}; until then only the embedded emulator boots guests`)];
  }
}

function program(name: string, purpose: string, pack: string): Finding {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...LIBEXEC];
  const path = folders.map((folder) => join(folder, name)).find((each) => existsSync(each));
  return path === undefined
    ? note(name, `not found: ${purpose} need it (Debian: apt install ${pack})`)
    : ok(name, path);
}
