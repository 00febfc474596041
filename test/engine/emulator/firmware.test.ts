import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { Display } from '../../../src/display/display.js';
import { EmulatorEngine } from '../../../src/engine/emulator/emulator.js';
import { loadFirmware } from '../../../src/engine/emulator/firmware.js';
import type { EmulatorOptions } from '../../../src/engine/emulator/options.js';
import { counterDisk, useBuiltWorker, useFolder } from './guests.js';

useBuiltWorker();
const save = useFolder();

const SECTOR = 512;
const hasSeaBios = existsSync('/usr/share/seabios/bios.bin') && existsSync('/usr/share/seabios/vgabios-stdvga.bin');

/** A kernel whose setup code, all there is to it, sends the video mode in its header and a line end to COM1. */
function videoModeKernel(): Uint8Array {
  const SETUP_START = 0x200;
  const AFTER_HEADER = 0x268;
  const kernel = new Uint8Array(4 * SECTOR);
  const view = new DataView(kernel.buffer);
  kernel[0x1f1] = 1; // one sector of setup besides the first
  view.setUint16(0x1fe, 0xaa55, true);
  kernel.set([0xeb, AFTER_HEADER - SETUP_START - 2], SETUP_START); // jmp AFTER_HEADER
  view.setUint32(0x202, 0x53726448, true); // HdrS
  view.setUint16(0x206, 0x020f, true);
  kernel[0x211] = 1; // loaded high
  view.setUint32(0x238, 255, true); // longest command line
  const code = [
    ...[0xba, 0xf8, 0x03], // mov dx, 0x3f8
    ...[0xa0, 0xfa, 0x01, 0xee], // mov al, [0x1fa]; out dx, al
    ...[0xa0, 0xfb, 0x01, 0xee], // mov al, [0x1fb]; out dx, al
    ...[0xb0, 0x0a, 0xee, 0xf4, 0xeb, 0xfd], // mov al, 10; out dx, al; hlt; jmp back
  ];
  kernel.set(code, AFTER_HEADER);
  return kernel;
}

let engine: EmulatorEngine | undefined;
afterEach(() => engine?.stop());

async function firstLines(options: EmulatorOptions, count: number): Promise<string[]> {
  const machine = new EmulatorEngine({ memoryMiB: 16, ...options });
  engine = machine;
  const lines: string[] = [];
  const done = new Promise<void>((resolve) => {
    machine.onSerial.on((line) => {
      if (lines.push(line) === count) resolve();
    });
  });
  await machine.start(new Display(640, 480));
  await done;
  await machine.stop();
  return lines;
}

describe.skipIf(!hasSeaBios)('with SeaBIOS', () => {
  test('a disk boots; what the guest writes outlives a reset, and is forgotten with the machine', async () => {
    const path = save('disk.img', counterDisk());
    expect(await firstLines({ disks: [{ path }] }, 3)).toEqual(['A', 'B', 'C']);
    expect(readFileSync(path)[SECTOR]).toBe('A'.charCodeAt(0));
    expect(await firstLines({ disks: [{ path }] }, 1)).toEqual(['A']);
  }, 60_000);

  test('a disk that is kept has what the guest wrote', async () => {
    const path = save('kept.img', counterDisk());
    expect(await firstLines({ disks: [{ path, keep: true }] }, 3)).toEqual(['A', 'B', 'C']);
    expect(readFileSync(path)[SECTOR]).toBeGreaterThanOrEqual('C'.charCodeAt(0));
  }, 60_000);

  test("a Linux kernel's setup code is told the mode that vga= asks for", async () => {
    const kernel = save('linux', videoModeKernel());
    expect(await firstLines({ kernel, append: 'quiet vga=0x4b4f ---' }, 1)).toEqual(['OK']);
  }, 60_000);

  test('a floppy boots; its text screen is there', async () => {
    // mov ax, 0x0e58; int 0x10 (teletype an X); mov dx, 0x3f8; mov al, 10; out dx, al; hlt; jmp back
    const code = [0xb8, 0x58, 0x0e, 0xcd, 0x10, 0xba, 0xf8, 0x03, 0xb0, 0x0a, 0xee, 0xf4, 0xeb, 0xfd];
    const floppy = new Uint8Array(1440 << 10);
    floppy.set(code);
    floppy.set([0x55, 0xaa], SECTOR - 2);
    engine = new EmulatorEngine({ memoryMiB: 16, floppy: save('floppy.img', floppy) });
    const display = new Display(640, 480);
    const sized = new Promise<void>((resolve) => {
      display.onResize.on(({ width }) => {
        if (width === 720) resolve();
      });
    });
    const line = engine.onSerial.next();
    await engine.start(display);
    await Promise.all([sized, line]);
    expect([display.width, display.height]).toEqual([720, 400]);
    display.close();
  }, 60_000);

  test('a VGA mode of old: 320x200 in 256 colours', async () => {
    const code = [
      ...[0xb8, 0x13, 0x00, 0xcd, 0x10], // mov ax, 0x13; int 0x10
      ...[0xb8, 0x00, 0xa0, 0x8e, 0xc0], // mov ax, 0xa000; mov es, ax
      ...[0x31, 0xff, 0xb9, 0x00, 0x7d], // xor di, di; mov cx, 32000
      ...[0xb8, 0x04, 0x04, 0xfc, 0xf3, 0xab], // mov ax, 0x0404 (red); cld; rep stosw
      ...[0xf4, 0xeb, 0xfd], // hlt; jmp back
    ];
    const floppy = new Uint8Array(1440 << 10);
    floppy.set(code);
    floppy.set([0x55, 0xaa], SECTOR - 2);
    engine = new EmulatorEngine({ memoryMiB: 16, floppy: save('mode13.img', floppy) });
    const display = new Display(640, 480);
    await engine.start(display);
    const RED = 0xaa0000;
    const isRed = () =>
      display.width === 320 && display.framebuffer.words.every((word) => (word & 0xfcfcfc) === (RED & 0xfcfcfc));
    while (!isRed()) await new Promise((resolve) => setTimeout(resolve, 20));
    expect([display.width, display.height]).toEqual([320, 200]);
    display.close();
  }, 60_000);
});

test('firmware that is nowhere is missed in one line, half of it, too', async () => {
  const bios = save('bios.bin', new Uint8Array(1 << 16));
  const here = dirname(bios);
  const missing = (name: string) =>
    `the emulator needs SeaBIOS (${name}) to boot this: install the package seabios, or QEMU`;
  await expect(loadFirmware(undefined, undefined, ['/nowhere'])).rejects.toThrow(missing('bios.bin'));
  await expect(loadFirmware(undefined, undefined, ['/nowhere', here])).rejects.toThrow(missing('vgabios-stdvga.bin'));
  save('vgabios-stdvga.bin', new Uint8Array(100));
  await expect(loadFirmware(undefined, undefined, [here])).rejects.toThrow(missing('vgabios-stdvga.bin'));
  save('vgabios-stdvga.bin', new Uint8Array(1 << 15));
  const { bios: found, vgaBios } = await loadFirmware(undefined, undefined, [here]);
  expect([found.length, vgaBios.length]).toEqual([1 << 16, 1 << 15]);
});
