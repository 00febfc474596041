import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { silentLog } from '../../../src/base/log.js';
import { Display } from '../../../src/display/display.js';
import { findQemu } from '../../../src/engine/qemu/binary.js';
import { Memo } from '../../../src/engine/qemu/memo.js';
import { QemuEngine } from '../../../src/engine/qemu/qemu.js';
import { QemuProcess } from '../../../src/engine/qemu/qemu-process.js';
import { checkDefinition, type MachineOptions } from '../../../src/machine/definition.js';
import { guest, guestDisk, scratch, written } from './guest.js';
import { isInstalled } from './installed.js';
import { processesWith, within } from './processes.js';

const TCG = { accel: 'tcg', cpu: 'max' } as const;
const hasOvmf = existsSync('/usr/share/OVMF/OVMF_CODE_4M.fd');
const hasVirtiofs = existsSync('/usr/lib/qemu/virtiofsd') && process.getuid?.() === 0;
const hasNetworkRom = ['/usr/share/qemu', '/usr/lib/ipxe/qemu'].some((folder) =>
  existsSync(join(folder, 'pxe-rtl8139.rom')),
);

/** A QEMU with the machine that `options` describe, its guest running, and what its monitor says. */
async function powered(options: MachineOptions) {
  const machine = await checkDefinition({ accel: 'tcg', memoryMiB: 64, nic: 'none', ...options });
  const signal = AbortSignal.timeout(60_000);
  const qemu = await QemuProcess.start(await findQemu(new Memo(undefined)), machine, TCG, signal);
  onTestFinished(() => qemu.end());
  await qemu.qmp.execute('cont');
  const ask = async (line: string) => String(await qemu.qmp.execute('human-monitor-command', { 'command-line': line }));
  return { qemu, ask };
}

/** What stands on the guest's text screen. */
async function text(ask: (line: string) => Promise<string>): Promise<string> {
  const cells = (await ask('xp /4000bx 0xb8000')).match(/0x[0-9a-f]{2}\b/g) ?? [];
  return String.fromCharCode(...cells.filter((_, i) => i % 2 === 0).map(Number));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

describe.runIf(isInstalled('qemu-system-x86_64'))('hardware in a real QEMU', { timeout: 60_000 }, () => {
  test('a disk on each bus, on both boards', async () => {
    const folder = scratch();
    const image = (name: string): string => {
      writeFileSync(join(folder, name), guestDisk());
      return join(folder, name);
    };
    const buses = ['sata', 'scsi', 'virtio', 'nvme'] as const;
    for (const more of [[], [{ file: image('ide'), bus: 'ide' as const }]]) {
      const disks = buses.map((bus) => ({ file: image(bus), bus, readOnly: bus === 'virtio' }));
      const { qemu, ask } = await powered({ disks: [...disks, ...more] });
      const blocks = (await qemu.qmp.execute('query-block')) as {
        device: string;
        inserted?: { file: string; ro: boolean };
      }[];
      const found = blocks.flatMap(({ device, inserted }) =>
        inserted === undefined ? [] : [[device, inserted.file, inserted.ro]],
      );
      expect(found).toEqual([...disks, ...more].map(({ file }, i) => [`disk${i}`, file, file.endsWith('virtio')]));
      const tree = await ask('info qtree');
      for (const device of ['ide-hd', 'scsi-hd', 'virtio-blk-pci', 'nvme'])
        expect(tree).toContain(`dev: ${device}, id`);
      expect(tree).toContain(more.length > 0 ? 'dev: lsi53c895a, id "scsi"' : 'dev: virtio-scsi-pci, id "scsi"');
      await qemu.end();
    }
  });

  test('everything that a machine may have besides, at once', async () => {
    const folder = scratch();
    const port = await freePort();
    writeFileSync(join(folder, 'disk.raw'), guestDisk());
    const { ask } = await powered({
      disks: [join(folder, 'disk.raw')],
      nics: [
        { type: 'user', model: 'virtio', mac: '52:54:00:aa:bb:cc', forwards: [`tcp::${port}::22`] },
        { type: 'user', model: 'pcnet' },
      ],
      sharedFolders: [{ name: 'home, sweet', path: folder, readOnly: true }],
      usb: ['046d:c077'],
      audio: true,
      balloon: true,
      display: { width: 1600, height: 900 },
    });
    const tree = await ask('info qtree');
    for (const device of ['virtio-net-pci', 'pcnet', 'virtio-9p-pci', 'usb-host', 'hda-duplex', 'virtio-balloon-pci']) {
      expect(tree).toContain(`dev: ${device}, id`);
    }
    expect(tree).toContain('mount_tag = "home, sweet"');
    expect(tree).toContain('mac = "52:54:00:aa:bb:cc"');
    expect(tree).toMatch(/xres = 1600 /);
    const socket = connect(port, '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    await once(socket, 'connect');
  });

  test('a port forward that somebody else has is named', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as { port: number };
    const folder = scratch();
    writeFileSync(join(folder, 'disk.raw'), guestDisk());
    const nics = [{ type: 'user' as const, forwards: [`tcp::${port}::22`] }];
    await expect(powered({ disks: [join(folder, 'disk.raw')], nics })).rejects.toThrow(
      `qemu: the port forward tcp:127.0.0.1:${port}-:22 cannot be: somebody else listens there`,
    );
  });

  test('the second disk is booted if only that one is left to boot from', async () => {
    const folder = scratch();
    writeFileSync(join(folder, 'disk.raw'), guestDisk());
    writeFileSync(join(folder, 'cd.iso'), Buffer.alloc(1 << 20));
    const { ask } = await powered({
      ...{ cdrom: join(folder, 'cd.iso'), boot: ['cdrom', 'disk'], memoryMiB: 32 },
      disks: [{ file: join(folder, 'disk.raw'), bus: 'virtio' }],
    });
    // Keys reach the guest once it has been booted; it writes them to its disk.
    await expect
      .poll(() => ask('sendkey a').then(() => written(join(folder, 'disk.raw'))), { timeout: 20_000 })
      .toBeGreaterThan(0);
  });

  test.runIf(hasNetworkRom)('booting from the network shows iPXE', async () => {
    const { ask } = await powered({ nics: [{ type: 'user', model: 'rtl8139' }], boot: ['network'] });
    await expect.poll(() => text(ask), { timeout: 20_000 }).toContain('iPXE initialising devices');
  });

  test.runIf(hasOvmf && isInstalled('swtpm'))(
    'UEFI and a TPM keep their memory in the folder, and go into a state',
    async () => {
      const folder = scratch();
      const state = join(folder, 'state');
      const machine = await guest(folder, { firmware: 'uefi', tpm: true, folder, memoryMiB: 128 });
      const engine = new QemuEngine(machine, { log: silentLog });
      onTestFinished(() => engine.stop());
      const display = new Display(640, 480);
      await engine.start(display);
      // Firmware has set a mode of its own: the BIOS stays in text mode.
      await expect.poll(() => display.width, { timeout: 40_000 }).toBeGreaterThanOrEqual(800);
      expect(processesWith(folder).length).toBeGreaterThan(0);
      await engine.saveState(state);
      const vars = readFileSync(join(folder, 'uefi-vars.fd'));
      expect(vars.equals(readFileSync('/usr/share/OVMF/OVMF_VARS_4M.fd'))).toBe(false);
      expect(existsSync(join(folder, 'tpm', 'tpm2-00.permall'))).toBe(true);
      const size = display.width;
      await engine.stop();
      expect(await within(5_000, () => processesWith('swtpm', (line) => line.includes(folder)).length === 0)).toBe(
        true,
      );

      const again = new QemuEngine(machine, { log: silentLog, resumeFrom: state });
      onTestFinished(() => again.stop());
      const next = new Display(640, 480);
      await again.start(next);
      await expect.poll(() => next.width).toBe(size);
    },
  );

  test.runIf(hasVirtiofs)('a folder shared via virtiofs', async () => {
    const folder = scratch();
    writeFileSync(join(folder, 'disk.raw'), guestDisk());
    const sharedFolders = [{ name: 'home', path: folder, via: 'virtiofs' as const }];
    const { qemu, ask } = await powered({ disks: [join(folder, 'disk.raw')], sharedFolders });
    expect(await ask('info qtree')).toContain('tag = "home"');
    await qemu.end();
    expect(await within(5_000, () => processesWith('virtiofsd', (line) => line.includes(folder)).length === 0)).toBe(
      true,
    );
  });

  test('the balloon: what is asked for, where there is one', async () => {
    const folder = scratch();
    const engine = new QemuEngine(await guest(folder, { balloon: true }), { log: silentLog });
    onTestFinished(() => engine.stop());
    await engine.start(new Display(640, 480));
    expect(engine.capabilities.balloon).toBe(true);
    await engine.balloon(16);
    await engine.power('pause');
    await expect(engine.balloon(16)).rejects.toMatchObject({ code: 'wrong-state' });
  });
});
