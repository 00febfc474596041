import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { Display } from '../../../src/display/display.js';
import { EmulatorEngine } from '../../../src/engine/emulator/emulator.js';
import { checkLinuxKernel, isLinuxKernel, videoModeIn } from '../../../src/engine/emulator/linux-kernel.js';
import { checkMultiboot, isMultiboot } from '../../../src/engine/emulator/multiboot.js';
import { HALT, multibootElf, useFolder } from './guests.js';

const MIB = 1 << 20;
const save = useFolder();

/** A good kernel with one 32 bit field changed. */
function changed(at: number, value: number): Uint8Array {
  const image = multibootElf(HALT);
  new DataView(image.buffer).setUint32(at, value >>> 0, true);
  return image;
}

describe('multiboot kernels', () => {
  test('a good one is taken', () => {
    expect(isMultiboot(multibootElf(HALT))).toBe(true);
    expect(() => checkMultiboot(multibootElf(HALT), 4 * MIB, 'k')).not.toThrow();
  });

  test.each([
    ['empty', new Uint8Array(0), 'k is no multiboot kernel'],
    ['magic alone', multibootElf(HALT).subarray(0, 0x1004), 'k is no multiboot kernel'],
    ['a wrong checksum', changed(0x1008, 5), 'k is no multiboot kernel'],
    ['cut off in its code', multibootElf(HALT).subarray(0, 0x1010), 'k is cut off: a segment does not fit the file'],
    ['program headers beyond the end', changed(28, 0xfffffff0), 'k is cut off: its ELF tables do not fit the file'],
    ['a segment beyond memory', changed(64, 64 * MIB), 'k needs 65 MiB of memory'],
    ['an entry outside of it', changed(24, 0x50), 'k starts outside of what it loads'],
    ['64 bit', changed(4, 0x00010102), 'k is no 32 bit x86 executable (ELF)'],
  ])('%s', (_, image, message) => {
    expect(() => checkMultiboot(image, 16 * MIB, 'k')).toThrow(message);
  });

  test.each([
    [1 << 2, 'k wants its loader to set a video mode'],
    [1 << 5, 'k wants multiboot features 0x20'],
  ])('flags 0x%i', (flags, message) => {
    const image = changed(0x1004, flags);
    new DataView(image.buffer).setUint32(0x1008, -(0x1badb002 + flags) >>> 0, true);
    expect(() => checkMultiboot(image, 16 * MIB, 'k')).toThrow(message);
  });

  test('load addresses in the header must fit file and memory', () => {
    const image = new Uint8Array(64);
    const view = new DataView(image.buffer);
    const header = [0x1badb002, 0x10000, -(0x1badb002 + 0x10000), 0x100000, 0x100000, 0, 0, 0x100020];
    const put = (values: readonly number[]) => {
      for (const [i, value] of values.entries()) view.setUint32(4 * i, value >>> 0, true);
    };
    put(header);
    expect(() => checkMultiboot(image, 16 * MIB, 'k')).not.toThrow();
    put([...header.slice(0, 5), 0x200000]);
    expect(() => checkMultiboot(image, 16 * MIB, 'k')).toThrow('do not fit the file');
    put([...header.slice(0, 5), 0, 0x7fffffff]);
    expect(() => checkMultiboot(image, 16 * MIB, 'k')).toThrow('needs 2048 MiB');
    put([...header.slice(0, 5), 0, 0, 0x90000]);
    expect(() => checkMultiboot(image, 16 * MIB, 'k')).toThrow('starts outside');
  });
});

describe('Linux kernels', () => {
  /** A setup header: 4 setup sectors, protocol 2.15, loaded high, command lines of 255 characters; then 100 KiB. */
  function kernel(version = 0x020f, loadFlags = 1): Uint8Array {
    const image = new Uint8Array(5 * 512 + (100 << 10));
    const view = new DataView(image.buffer);
    image[0x1f1] = 4;
    view.setUint16(0x1fe, 0xaa55, true);
    view.setUint32(0x202, 0x53726448, true);
    view.setUint16(0x206, version, true);
    image[0x211] = loadFlags;
    view.setUint32(0x238, 255, true);
    return image;
  }

  test('are known by their header', () => {
    expect(isLinuxKernel(kernel())).toBe(true);
    expect(isLinuxKernel(kernel().subarray(0, 0x210))).toBe(false);
    expect(isLinuxKernel(multibootElf(HALT))).toBe(false);
  });

  test('must be new enough, and fit with initrd and command line', () => {
    expect(() => checkLinuxKernel(kernel(), 0, 'quiet', 16 * MIB, 'k')).not.toThrow();
    expect(() => checkLinuxKernel(kernel(0x0201), 0, '', 16 * MIB, 'k')).toThrow('before 2.4');
    expect(() => checkLinuxKernel(kernel(0x020f, 0), 0, '', 16 * MIB, 'k')).toThrow('zImage');
    expect(() => checkLinuxKernel(kernel(), 0, 'x'.repeat(255), 16 * MIB, 'k')).toThrow('255 characters');
    expect(() => checkLinuxKernel(kernel(), 1000, '', 64 * MIB, 'k')).toThrow('need more than 65 MiB');
    expect(() => checkLinuxKernel(kernel().subarray(0, 2048), 0, '', 16 * MIB, 'k')).toThrow('cut off');
  });

  test.each([
    ['vga=788 ---', 788],
    ['quiet vga=0x314', 0x314],
    ['vga=01424', 788],
    ['vga=normal', 0xffff],
    ['vga=ask vga=ext', 0xfffe],
    ['quiet', undefined],
    ['video.vga=788', undefined],
    ['vga=large', undefined],
    ['vga=70000', undefined],
    ['vga=-1', undefined],
  ])('%s asks for the video mode %s', (append, mode) => {
    expect(videoModeIn(append)).toBe(mode);
  });
});

describe('what cannot start says why', () => {
  const small = save('small.img', new Uint8Array(100));
  const qcow2 = save(
    'disk.qcow2',
    Uint8Array.from({ length: 1024 }, (_, i) => [0x51, 0x46, 0x49, 0xfb][i] ?? 0),
  );
  const vmdk = save('disk.vmdk', new Uint8Array(1024));
  const vdi = save(
    'disk.img',
    Uint8Array.from({ length: 1024 }, (_, i) => [0x7f, 0x10, 0xda, 0xbe][i - 64] ?? 0),
  );
  const bios = save('bios', new Uint8Array(1 << 16));
  const text = save('readme.txt', new TextEncoder().encode('hello'));

  test.each([
    [{ kernel: '/nowhere' }, 'cannot open the kernel /nowhere: there is no such file'],
    [{ kernel: '/' }, 'the kernel / is not a file'],
    [{ kernel: text }, `${text} is no multiboot kernel`],
    [{ disks: [{ path: small }], bios, vgaBios: bios }, `the disk image ${small} is empty`],
    [{ disks: [{ path: qcow2 }], bios, vgaBios: bios }, 'is a qcow2 image'],
    [{ disks: [{ path: vmdk }], bios, vgaBios: bios }, 'is a vmdk image'],
    [{ disks: [{ path: vdi, keep: true }], bios, vgaBios: bios }, 'is a vdi image: the emulator reads raw images only'],
    [{ cdrom: small, bios: '/nowhere' }, 'cannot read the firmware /nowhere: ENOENT'],
    [{ cdrom: small, bios: text }, `${text} is no firmware image`],
  ])('%j', async (options, message) => {
    const engine = new EmulatorEngine(options);
    await expect(engine.start(new Display(640, 480))).rejects.toThrow(message);
    expect(engine.state).toBe('off');
  });

  test('a pipe does not hold it up', async () => {
    const pipe = save('pipe', new Uint8Array(0));
    execFileSync('rm', [pipe]);
    execFileSync('mkfifo', [pipe]);
    await expect(new EmulatorEngine({ kernel: pipe }).start(new Display(640, 480))).rejects.toThrow('is not a file');
  });

  test.each([
    [{}, 'nothing to boot'],
    [{ append: 'x' }, '--append needs --kernel'],
    [{ kernel: 'k', memoryMiB: 3 }, 'memory must be 4 to 1920 MiB'],
    [{ kernel: 'k', memoryMiB: 64.5 }, 'memory must be'],
    [{ kernel: 'k', cpuCap: 0 }, 'CPU cap must be 1 to 100 percent'],
    [{ disks: [{ path: 'a' }, { path: 'b' }, { path: 'c' }] }, 'room for 2 disks'],
  ])('%j is wrong usage', (options, message) => {
    expect(() => new EmulatorEngine(options)).toThrow(
      expect.objectContaining({ message: expect.stringContaining(message), exitCode: 2 }),
    );
  });
});
