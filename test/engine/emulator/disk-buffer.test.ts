import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { BLOCK_BYTES, DiskBuffer, type DiskHandle } from '../../../src/engine/emulator/disk-buffer.js';
import { Random } from '../../random.js';

/** As a file system does that has room for the beginning of a write only. */
const system = vi.hoisted(() => ({ mostWritten: Number.POSITIVE_INFINITY }));
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const writeSync = (fd: number, bytes: Uint8Array, at: number, length: number, to: number) =>
    fs.writeSync(fd, bytes, at, Math.min(length, system.mostWritten), to);
  return { ...fs, writeSync };
});

const SIZE = 10 * BLOCK_BYTES + 512;
const ORIGINAL = Uint8Array.from({ length: SIZE }, (_, i) => (i * 7 + (i >> 9)) & 0xff);

let folder: string;
const open: number[] = [];
beforeEach(() => {
  folder = mkdtempSync(resolve(tmpdir(), 'vitrine-test-'));
  writeFileSync(resolve(folder, 'disk'), ORIGINAL);
});
afterEach(() => {
  system.mostWritten = Number.POSITIVE_INFINITY;
  for (const fd of open.splice(0)) closeSync(fd);
  rmSync(folder, { recursive: true });
});

function openFd(name: string, flags: string): number {
  const fd = openSync(resolve(folder, name), flags);
  open.push(fd);
  return fd;
}
const written = () => new SharedArrayBuffer(Math.ceil(SIZE / BLOCK_BYTES / 8));
function withOverlay(name = 'overlay'): DiskHandle {
  const overlay = { fd: openFd(name, 'w+'), written: written() };
  return { fd: openFd('disk', 'r'), byteLength: SIZE, isReadOnly: false, overlay };
}
function read(disk: DiskBuffer, start: number, length: number): Uint8Array {
  let data: Uint8Array = new Uint8Array(0);
  disk.get(start, length, (bytes) => {
    data = bytes;
  });
  return data;
}
const image = () => new Uint8Array(readFileSync(resolve(folder, 'disk')));

describe('disk buffer', () => {
  test('any sequence of writes reads back, and the image stays as it was', () => {
    const handle = withOverlay();
    const disk = new DiskBuffer(handle);
    const model = ORIGINAL.slice();
    const random = new Random(11);
    const next = (limit: number) => random.below(limit);
    for (let round = 0; round < 300; round++) {
      const sectors = 1 + next(20);
      const start = next(SIZE / 512 - sectors) * 512;
      const data = random.bytes(sectors * 512);
      disk.set(start, data, () => {});
      model.set(data, start);
      const from = next(SIZE / 512 - 1) * 512;
      const length = 512 * (1 + next((SIZE - from) / 512));
      expect(Buffer.compare(read(disk, from, length), model.subarray(from, from + length))).toBe(0);
    }
    expect(image()).toEqual(ORIGINAL);
    // What another machine on the same overlay sees: after a reset.
    expect(read(new DiskBuffer(handle), 0, SIZE)).toEqual(model);
  });

  test('a kept disk is written itself', () => {
    const disk = new DiskBuffer({ fd: openFd('disk', 'r+'), byteLength: SIZE, isReadOnly: false });
    disk.set(1024, new Uint8Array(512).fill(0xee), () => {});
    const expected = ORIGINAL.slice();
    expected.fill(0xee, 1024, 1536);
    expect(image()).toEqual(expected);
    // Whoever keeps a state keeps this image too.
    expect(disk.get_state()).toEqual([disk.byteLength, new Uint32Array(0), new Uint8Array(0)]);
  });

  test('a CD drops writes, and the end of the disk is its end', () => {
    const disk = new DiskBuffer({ fd: openFd('disk', 'r'), byteLength: SIZE, isReadOnly: true });
    disk.set(0, new Uint8Array(512).fill(1), () => {});
    expect(read(disk, 0, 512)).toEqual(ORIGINAL.slice(0, 512));
    const overlaid = new DiskBuffer(withOverlay());
    overlaid.set(SIZE - 512, new Uint8Array(1024).fill(5), () => {});
    expect(read(overlaid, SIZE - 512, 1024)).toEqual(Uint8Array.from({ length: 1024 }, (_, i) => (i < 512 ? 5 : 0)));
  });

  test.each([
    ['before its beginning', -512, 1024],
    ['beyond its end', SIZE + 512, 1024],
    ['more than a host has memory for', 0, 2 ** 44],
    ['all that a drive can be asked for', -(2 ** 31) * 2048, 2 ** 32 * 2048],
  ])('a guest that asks for what is %s gets zeros there', (_, start, length) => {
    for (const disk of [new DiskBuffer(withOverlay()), new DiskBuffer({ ...withOverlay(), isReadOnly: true })]) {
      const data = read(disk, start, length);
      expect(data.length).toBeLessThanOrEqual(Math.min(length, 32 << 20));
      const onDisk = start < 0 ? new Uint8Array(-start < 1024 ? -start : 0) : ORIGINAL.subarray(start);
      const expected = start === -512 ? [...onDisk, ...ORIGINAL.subarray(0, 512)] : [...onDisk];
      expect(data.subarray(0, expected.length)).toEqual(Uint8Array.from(expected));
      expect(Buffer.alloc(data.length - expected.length).equals(data.subarray(expected.length))).toBe(true);
    }
  });

  test('a write that begins before the disk goes nowhere', () => {
    for (const handle of [withOverlay(), { fd: openFd('disk', 'r+'), byteLength: SIZE, isReadOnly: false }]) {
      const disk = new DiskBuffer(handle);
      disk.set(-512, new Uint8Array(1024).fill(1), () => {});
      expect(read(disk, 0, SIZE)).toEqual(ORIGINAL);
    }
    expect(image()).toEqual(ORIGINAL);
  });

  test('a system that takes writes in pieces gets all of them', () => {
    const disk = new DiskBuffer({ fd: openFd('disk', 'r+'), byteLength: SIZE, isReadOnly: false });
    const data = Uint8Array.from({ length: 2 * BLOCK_BYTES }, (_, i) => i & 0xff);
    system.mostWritten = 1000;
    disk.set(512, data, () => {});
    expect(read(disk, 512, data.length)).toEqual(data);
  });

  test.runIf(existsSync('/dev/full'))('a full host is told of in words', () => {
    const disk = new DiskBuffer({ fd: openFd('/dev/full', 'r+'), byteLength: SIZE, isReadOnly: false });
    expect(() => disk.set(0, new Uint8Array(512), () => {})).toThrow(
      'a disk of the guest failed: ENOSPC: no space left',
    );
  });

  test('a saved state brings the changes to another overlay, and takes back later ones', () => {
    const disk = new DiskBuffer(withOverlay());
    disk.set(512, new Uint8Array(512).fill(1), () => {});
    const state = disk.get_state();
    const saved = read(disk, 0, SIZE);
    disk.set(5 * BLOCK_BYTES, new Uint8Array(BLOCK_BYTES).fill(2), () => {});
    disk.set_state(state);
    expect(read(disk, 0, SIZE)).toEqual(saved);
    const other = new DiskBuffer(withOverlay('other'));
    other.set_state(state);
    expect(read(other, 0, SIZE)).toEqual(saved);
    expect(() => other.set_state([512, new Uint32Array(0), new Uint8Array(0)])).toThrow('another disk');
  });
});
