import type { Rect } from './rect.js';

/**
 * A view of pixels: 32 bits each, little endian, B G R X in memory; the X byte has no meaning.
 * Rows are `width` pixels long and follow each other without padding.
 */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** BGRX bytes, `width * height * 4` of them. */
  readonly bytes: Uint8Array;
  /** The same memory, one 0xXXRRGGBB word a pixel. */
  readonly words: Uint32Array;
}

/** Most pixels a guest's screen may have: 5120x2880, or 4096x4096, or any shape of that area. */
export const MAX_PIXELS = 4096 * 4096;
/** Longest edge: what RDP's desktop size and the 16 bit fields of RFB can carry without surprises. */
export const MAX_EDGE = 8192;

const PAGE = 65536;

/** A WebAssembly.Memory; the name is not in the libraries we compile against. */
export interface SharedMemory {
  readonly buffer: SharedArrayBuffer;
}
declare const WebAssembly: {
  readonly Memory: new (options: { initial: number; maximum: number; shared: true }) => SharedMemory;
};

/**
 * The guest's screen in shared WASM memory, which workers and WASM kernels see without a copy.
 * The memory has its final size from the start (growing would leave old views short);
 * the operating system gives it real pages only where pixels were written.
 */
export class Framebuffer implements Pixels {
  readonly memory: SharedMemory;
  #width = 0;
  #height = 0;
  #bytes!: Uint8Array;
  #words!: Uint32Array;

  constructor(width: number, height: number) {
    const pages = (MAX_PIXELS * 4) / PAGE;
    this.memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    this.resize(width, height);
  }

  get width(): number {
    return this.#width;
  }
  get height(): number {
    return this.#height;
  }
  get bytes(): Uint8Array {
    return this.#bytes;
  }
  get words(): Uint32Array {
    return this.#words;
  }
  get strideBytes(): number {
    return this.#width * 4;
  }

  /** Changes the size and blackens the screen. Throws RangeError for a size over the maximum. */
  resize(width: number, height: number): void {
    if (!fitsFramebuffer(width, height)) throw new RangeError(`a screen of ${width}x${height} is out of bounds`);
    this.#width = width;
    this.#height = height;
    this.#bytes = new Uint8Array(this.memory.buffer, 0, width * height * 4);
    this.#words = new Uint32Array(this.memory.buffer, 0, width * height);
    this.#words.fill(0);
  }

  /** Moves pixels within the screen; source and destination may overlap and must lie inside. */
  copy(to: Rect, fromX: number, fromY: number): void {
    moveWords(this.#words, this.#width, to, fromX, fromY);
  }
}

export function fitsFramebuffer(width: number, height: number): boolean {
  return width >= 1 && height >= 1 && width <= MAX_EDGE && height <= MAX_EDGE && width * height <= MAX_PIXELS;
}

/** Moves a rectangle of 32 bit pixels; rows go bottom up where the destination lies below its source. */
export function moveWords(words: Uint32Array, stride: number, to: Rect, fromX: number, fromY: number): void {
  const down = to.y > fromY;
  for (let i = 0; i < to.height; i++) {
    const row = down ? to.height - 1 - i : i;
    const from = (fromY + row) * stride + fromX;
    words.copyWithin((to.y + row) * stride + to.x, from, from + to.width);
  }
}
