import { PNG } from 'pngjs';
import { messageOf } from '../../src/base/errors.js';
import { Emitter } from '../../src/base/events.js';
import type { Logger } from '../../src/base/log.js';
import type { Picture } from '../../src/paint/picture.js';
import type { ReachableMachine } from './directory.js';

/** Pictures kept, of 320 pixels' width each: as many as are seen on a few pickers. */
const MAX_PICTURES = 64;
/** A thumbnail that says to be larger is none. */
const MAX_PNG_BYTES = 1 << 20;
const MAX_PIXELS = 1 << 20;

interface Kept {
  /** The screen that `picture` shows, and the one that is being fetched. */
  screen: number;
  picture: Picture | undefined;
  wanted: number;
}

/** Machines' thumbnails as pictures, decoded once for all pickers. */
export class Thumbnails {
  /** One that was asked for is there. */
  readonly onLoaded = new Emitter<void>();
  readonly #log: Logger;
  readonly #kept = new Map<string, Kept>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** What there is; a newer one is fetched meanwhile. */
  of(machine: ReachableMachine): Picture | undefined {
    const { name, screen } = machine;
    if (screen === null) {
      this.#kept.delete(name);
      return undefined;
    }
    const kept = this.#kept.get(name) ?? { screen: -1, picture: undefined, wanted: -1 };
    // Asked for last is forgotten last.
    this.#kept.delete(name);
    this.#kept.set(name, kept);
    if (this.#kept.size > MAX_PICTURES) this.#kept.delete(this.#kept.keys().next().value!);
    if (kept.wanted !== screen) {
      kept.wanted = screen;
      void this.#load(machine, screen, kept);
    }
    return kept.picture;
  }

  async #load(machine: ReachableMachine, screen: number, kept: Kept): Promise<void> {
    try {
      const png = await machine.thumbnail();
      if (png === undefined || kept.wanted !== screen) return;
      kept.picture = await decodePng(png);
      kept.screen = screen;
      this.onLoaded.emit();
    } catch (error) {
      this.#log.debug({ machine: machine.name, reason: messageOf(error) }, 'no thumbnail');
    }
  }
}

async function decodePng(bytes: Uint8Array): Promise<Picture> {
  const header = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < 24 || bytes.length > MAX_PNG_BYTES) throw new Error('no thumbnail by its size');
  // IHDR comes first: width and height, before anything is allocated for them.
  if (header.readUInt32BE(16) * header.readUInt32BE(20) > MAX_PIXELS) throw new Error('too many pixels');
  const { width, height, data } = await new Promise<PNG>((resolve, reject) => {
    new PNG().parse(header, (error, png) => (error ? reject(error) : resolve(png)));
  });
  const words = new Uint32Array(width * height);
  for (let i = 0, at = 0; i < words.length; i++, at += 4) {
    words[i] = (data[at]! << 16) | (data[at + 1]! << 8) | data[at + 2]!;
  }
  return { width, height, words };
}
