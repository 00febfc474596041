import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BLOCK_BYTES, DiskBuffer, type DiskHandle } from '../../../src/engine/emulator/disk-buffer.js';
import { Random } from '../../random.js';

const SIZE = 10 * BLOCK_BYTES + 512;
const ORIGINAL = Uint8Array.from({ length: SIZE }, (_, i) => (i * 7 + (i >> 9)) & 0xff);

let folder: string;
const open: number[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vitrine-test-'));
  writeFileSync(join(folder, 'disk'), ORIGINAL);
});
afterEach(() => {
  for (const fd of open.splice(0)) closeSync(fd);
  rmSync(folder, { recursive: true });
});

function openFd(name: string, flags: string): number {
  const fd = openSync(join(folder, name), flags);
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
const image = () => new Uint8Array(readFileSync(join(folder, 'disk')));

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
