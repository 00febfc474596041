import { existsSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { Display } from '../../../src/display/display.js';
import { EmulatorEngine } from '../../../src/engine/emulator/emulator.js';
import type { EmulatorOptions } from '../../../src/engine/emulator/options.js';
import { useBuiltWorker, useFolder } from './guests.js';

useBuiltWorker();
const save = useFolder();

const SECTOR = 512;
const hasSeaBios = existsSync('/usr/share/seabios/bios.bin') && existsSync('/usr/share/seabios/vgabios-stdvga.bin');

/**
 * A boot sector that reads its second sector, sends the first byte of it and a line end to COM1, adds one to that byte,
 * writes it back and resets the machine.
 */
const COUNTER = [
  ...[0x31, 0xc0, 0x8e, 0xd8, 0x8e, 0xc0], // xor ax, ax; mov ds, ax; mov es, ax
  ...[0xb8, 0x01, 0x02], // mov ax, 0x0201: read one sector
  ...[0xb9, 0x02, 0x00], // mov cx, 2: cylinder 0, sector 2
  ...[0xb6, 0x00], // mov dh, 0: head 0; dl is the drive that booted
  ...[0xbb, 0x00, 0x7e], // mov bx, 0x7e00
  ...[0xcd, 0x13], // int 0x13
  ...[0xa0, 0x00, 0x7e], // mov al, [0x7e00]
  ...[0x52, 0xba, 0xf8, 0x03, 0xee], // push dx; mov dx, 0x3f8; out dx, al
  ...[0xb0, 0x0a, 0xee, 0x5a], // mov al, 10; out dx, al; pop dx
  ...[0xfe, 0x06, 0x00, 0x7e], // inc byte [0x7e00]
  ...[0xb8, 0x01, 0x03, 0xcd, 0x13], // mov ax, 0x0301: write; int 0x13
  ...[0xb0, 0xfe, 0xe6, 0x64, 0xeb, 0xfe], // mov al, 0xfe; out 0x64, al; jmp $
];

function counterDisk(): Uint8Array {
  const disk = new Uint8Array(4 << 20);
  disk.set(COUNTER);
  disk.set([0x55, 0xaa], SECTOR - 2);
  disk[SECTOR] = 'A'.charCodeAt(0);
  return disk;
}

let engine: EmulatorEngine;
afterEach(() => engine.stop());

async function firstLines(options: EmulatorOptions, count: number): Promise<string[]> {
  engine = new EmulatorEngine({ memoryMiB: 16, ...options });
  const lines: string[] = [];
  const done = new Promise<void>((resolve) => {
    engine.onSerial.on((line) => {
      if (lines.push(line) === count) resolve();
    });
  });
  await engine.start(new Display(640, 480));
  await done;
  await engine.stop();
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
