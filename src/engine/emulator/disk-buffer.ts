import { readSync, writeSync } from 'node:fs';
import { messageOf } from '../../base/errors.js';
import type { BlockDevice } from './v86.js';

/** Unit of the overlay: what a guest's file system writes at a time. */
export const BLOCK_BYTES = 4096;
/** ATA's largest request. A CD could be asked for more than any host has memory for; drivers ask for 128 KiB. */
const MAX_REQUEST_BYTES = 65_536 * 512;
/** Changes that a saved state may carry; they pass through memory as a whole. */
const MAX_STATE_BYTES = 512 << 20;

/** An opened disk; descriptors belong to the process, so a worker can use what its parent opened and will close. */
export interface DiskHandle {
  readonly fd: number;
  readonly byteLength: number;
  /** Writes are dropped, as a CD-ROM does. */
  readonly isReadOnly: boolean;
  /** Where writes go; absent when they go to the image itself. */
  readonly overlay?: {
    readonly fd: number;
    /** One bit for each block of the image that the overlay holds. */
    readonly written: SharedArrayBuffer;
  };
}

/**
 * A disk image that is read where it lies and never loaded as a whole. Writes go to an overlay file, or, for a disk
 * that is kept, to the image.
 */
export class DiskBuffer implements BlockDevice {
  readonly byteLength: number;
  onload: ((event: object) => void) | undefined = undefined;
  #fd: number;
  #overlayFd: number;
  readonly #isReadOnly: boolean;
  readonly #written: Uint8Array | undefined;

  constructor(handle: DiskHandle) {
    this.byteLength = handle.byteLength;
    this.#fd = handle.fd;
    this.#overlayFd = handle.overlay?.fd ?? handle.fd;
    this.#isReadOnly = handle.isReadOnly;
    this.#written = handle.overlay && new Uint8Array(handle.overlay.written);
  }

  /** Goes on in an image that reads the same. */
  moveTo({ fd }: DiskHandle): void {
    if (this.#isReadOnly || this.#written !== undefined) return;
    this.#fd = fd;
    this.#overlayFd = fd;
  }

  load(): void {
    this.onload?.({});
  }

  get(start: number, length: number, done: (data: Uint8Array) => void): void {
    done(this.get_from_cache(start, length));
  }

  get_and_cache(start: number, length: number, done: (data: Uint8Array) => void): void {
    done(this.get_from_cache(start, length));
  }

  /**
   * Reading is as good as a cache: the system keeps the file's pages. What a guest asks for may lie anywhere, before the
   * disk's beginning too (sector 0 of a cylinder); outside of it there are zeros.
   */
  get_from_cache(start: number, length: number): Uint8Array {
    const data = new Uint8Array(Math.min(length, MAX_REQUEST_BYTES));
    for (const part of this.#runs(start, data.length)) {
      readFully(part.isWritten ? this.#overlayFd : this.#fd, data.subarray(part.at - start, part.end - start), part.at);
    }
    return data;
  }

  set(start: number, data: Uint8Array, done: () => void): void {
    const length = Math.min(data.length, this.byteLength - start);
    if (start >= 0 && length > 0 && !this.#isReadOnly) {
      this.#fillEdge(start);
      this.#fillEdge(start + length);
      writeFully(this.#overlayFd, data.subarray(0, length), start);
      const last = Math.floor((start + length - 1) / BLOCK_BYTES);
      for (let block = Math.floor(start / BLOCK_BYTES); block <= last; block++) this.#mark(block);
    }
    done();
  }

  /** The whole image at once is what this class avoids. */
  get_buffer(done: (buffer?: ArrayBuffer) => void): void {
    done();
  }

  /**
   * For saved states: the numbers of the blocks that were written, and their bytes one after the other. Of an image that
   * is written to itself nothing is in the state: whoever keeps the one keeps the other.
   */
  get_state(): unknown[] {
    if (this.#written === undefined) return [this.byteLength, new Uint32Array(0), new Uint8Array(0)];
    const blocks: number[] = [];
    for (let block = 0; block * BLOCK_BYTES < this.byteLength; block++) if (this.#has(block)) blocks.push(block);
    if (blocks.length * BLOCK_BYTES > MAX_STATE_BYTES) {
      throw new Error(`the disk has changed by more than ${MAX_STATE_BYTES >> 20} MiB since start`);
    }
    const bytes = new Uint8Array(blocks.length * BLOCK_BYTES);
    blocks.forEach((block, i) => {
      readFully(this.#overlayFd, bytes.subarray(i * BLOCK_BYTES, (i + 1) * BLOCK_BYTES), block * BLOCK_BYTES);
    });
    return [this.byteLength, Uint32Array.from(blocks), bytes];
  }

  set_state(state: unknown[]): void {
    const [byteLength, blocks, bytes] = state as [number, Uint32Array, Uint8Array];
    if (byteLength !== this.byteLength) throw new Error('the state was saved with another disk');
    if (this.#written === undefined) {
      if (blocks.length > 0) throw new Error('the state was saved with disks whose changes were not kept');
      return;
    }
    this.#written.fill(0);
    blocks.forEach((block, i) => {
      const data = bytes.subarray(i * BLOCK_BYTES, (i + 1) * BLOCK_BYTES);
      this.set(block * BLOCK_BYTES, data, () => {});
    });
  }

  /** Brings the block around `at` into the overlay if a write will touch only a part of it. */
  #fillEdge(at: number): void {
    const block = Math.floor(at / BLOCK_BYTES);
    if (this.#written === undefined || at % BLOCK_BYTES === 0 || this.#has(block)) return;
    const start = block * BLOCK_BYTES;
    const data = new Uint8Array(Math.min(BLOCK_BYTES, this.byteLength - start));
    readFully(this.#fd, data, start);
    writeFully(this.#overlayFd, data, start);
    this.#mark(block);
  }

  /** Cuts a range into parts that lie in one file each. */
  *#runs(start: number, length: number): Generator<{ at: number; end: number; isWritten: boolean }> {
    const end = Math.min(start + length, this.byteLength);
    let at = Math.max(0, start);
    while (at < end) {
      let block = Math.floor(at / BLOCK_BYTES);
      const isWritten = this.#has(block);
      do block++;
      while (block * BLOCK_BYTES < end && this.#has(block) === isWritten);
      const until = Math.min(end, block * BLOCK_BYTES);
      yield { at, end: until, isWritten };
      at = until;
    }
  }

  #has(block: number): boolean {
    return this.#written !== undefined && ((this.#written[block >> 3] ?? 0) & (1 << (block & 7))) !== 0;
  }

  #mark(block: number): void {
    if (this.#written !== undefined) this.#written[block >> 3]! |= 1 << (block & 7);
  }
}

/** Fills `data` from a file; what lies beyond its end is zero. */
function readFully(fd: number, data: Uint8Array, position: number): void {
  inPieces(data.length, (done) => readSync(fd, data, done, data.length - done, position + done));
}

function writeFully(fd: number, data: Uint8Array, position: number): void {
  inPieces(data.length, (done) => writeSync(fd, data, done, data.length - done, position + done));
}

/** A system may do less than it was asked for; doing nothing is the end. */
function inPieces(length: number, step: (done: number) => number): void {
  try {
    for (let done = 0, count = 1; done < length && count > 0; done += count) count = step(done);
  } catch (error) {
    throw new Error(`a disk of the guest failed: ${messageOf(error)}`);
  }
}
