import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll } from 'vitest';

const LOAD_ADDRESS = 0x100000;
const FILE_OFFSET = 0x1000;
const CODE_OFFSET = 0x20;

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../../..');

/** The engine's worker is the build's: brings it up to date before the tests of a file. */
export function useBuiltWorker(): void {
  beforeAll(() => {
    const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
    try {
      execFileSync(process.execPath, [tsc, '-b', 'src'], { cwd: ROOT, stdio: 'pipe' });
    } catch {
      // Type errors are the type checker's to report; it has written the files all the same.
    }
  }, 120_000);
}

/** A folder for a file's guests, gone after its tests. */
export function useFolder(): (name: string, bytes: Uint8Array) => string {
  const folder = mkdtempSync(join(tmpdir(), 'vitrine-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return (name, bytes) => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    return path;
  };
}

const SECTOR_BYTES = 512;

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

/** A disk with that and an A. */
export function counterDisk(): Uint8Array {
  const disk = new Uint8Array(4 << 20);
  disk.set(COUNTER);
  disk.set([0x55, 0xaa], SECTOR_BYTES - 2);
  disk[SECTOR_BYTES] = 'A'.charCodeAt(0);
  return disk;
}

/** An ELF file with a multiboot header whose code runs in flat 32 bit mode at LOAD_ADDRESS + CODE_OFFSET. */
export function multibootElf(...code: readonly (readonly number[])[]): Uint8Array {
  const bytes = code.flat();
  const size = CODE_OFFSET + bytes.length;
  const file = new Uint8Array(FILE_OFFSET + size);
  const view = new DataView(file.buffer);
  const put16 = (at: number, value: number) => view.setUint16(at, value, true);
  const put32 = (at: number, value: number) => view.setUint32(at, value >>> 0, true);
  file.set([0x7f, 0x45, 0x4c, 0x46, 1, 1, 1]); // magic, 32 bit, little endian, version
  put16(16, 2); // executable
  put16(18, 3); // 386
  put32(20, 1); // version
  put32(24, LOAD_ADDRESS + CODE_OFFSET); // entry
  put32(28, 52); // program headers' offset
  put16(40, 52); // size of this header
  put16(42, 32); // size of a program header
  put16(44, 1); // one of them
  put16(46, 40); // size of a section header; there are none
  const program = [1, FILE_OFFSET, LOAD_ADDRESS, LOAD_ADDRESS, size, size, 7, 0x1000]; // PT_LOAD … align
  for (const [i, value] of program.entries()) put32(52 + 4 * i, value);
  put32(FILE_OFFSET, 0x1badb002); // multiboot: magic, flags, checksum
  put32(FILE_OFFSET + 4, 0);
  put32(FILE_OFFSET + 8, -0x1badb002);
  file.set(bytes, FILE_OFFSET + CODE_OFFSET);
  return file;
}

const le16 = (value: number) => [value & 0xff, (value >> 8) & 0xff];
const le32 = (value: number) => [...le16(value & 0xffff), ...le16(value >>> 16)];

/** mov dx, port; mov ax, value; out dx, ax */
export const outw = (port: number, value: number) => [
  0x66,
  0xba,
  ...le16(port),
  0x66,
  0xb8,
  ...le16(value),
  0x66,
  0xef,
];
/** mov dx, port; mov al, value; out dx, al */
export const outb = (port: number, value: number) => [0x66, 0xba, ...le16(port), 0xb0, value, 0xee];

/** Sets a Bochs VBE mode; video memory is cleared unless it is to be kept. */
export const vbeMode = (width: number, height: number, bitsPerPixel: number, keep = false) => [
  ...[outw(0x1ce, 4), outw(0x1cf, 0)].flat(), // disable
  ...[outw(0x1ce, 1), outw(0x1cf, width)].flat(),
  ...[outw(0x1ce, 2), outw(0x1cf, height)].flat(),
  ...[outw(0x1ce, 3), outw(0x1cf, bitsPerPixel)].flat(),
  ...[outw(0x1ce, 4), outw(0x1cf, keep ? 0xc1 : 0x41)].flat(), // enable, linear framebuffer
];

/** mov edi, at; mov ecx, count; mov eax, value; cld; rep stosd */
export const fill = (at: number, count: number, value: number) => [
  ...[0xbf, ...le32(at)],
  ...[0xb9, ...le32(count)],
  ...[0xb8, ...le32(value)],
  ...[0xfc, 0xf3, 0xab],
];

/** Where the linear framebuffer is. */
export const VIDEO = 0xe0000000;

/** cli; hlt; jmp back to the hlt */
export const HALT = [0xfa, 0xf4, 0xeb, 0xfd];
/** cli; jmp $ */
export const SPIN = [0xfa, 0xeb, 0xfe];

/** The keyboard sends from then on; a guest that waits for keys does this before it shows that it is there. */
export const ENABLE_KEYBOARD = outb(0x60, 0xf4);

/** Waits for make codes: `onKey` runs with the code in AL and falls through to the next wait. */
export const keyLoop = (onKey: readonly number[]) => {
  const wait = [
    ...[0xe4, 0x64], // in al, 0x64
    ...[0xa8, 0x01], // test al, 1
    ...[0x74, 0xfa], // jz wait
    ...[0xe4, 0x60], // in al, 0x60
    ...[0xa8, 0x80], // test al, 0x80
    ...[0x75, 0xf4], // jnz wait
  ];
  return [...wait, ...onKey, 0xe9, ...le32(-(wait.length + onKey.length + 5))];
};

/** cmp al, code; jne past `then` */
export const ifKey = (code: number, then: readonly number[]) => [0x3c, code, 0x0f, 0x85, ...le32(then.length), ...then];

/** mov edi, VIDEO; mov ecx, pixels; add dword [edi], step; add edi, 4; loop: every pixel changes. */
export const addToScreen = (pixels: number, step: number) => [
  ...[0xbf, ...le32(VIDEO)],
  ...[0xb9, ...le32(pixels)],
  ...[0x83, 0x07, step, 0x83, 0xc7, 0x04, 0xe2, 0xf8],
];

/** lidt [0], whose limit is 0; int3 */
export const TRIPLE_FAULT = [0x0f, 0x01, 0x1d, 0, 0, 0, 0, 0xcd, 0x03];
