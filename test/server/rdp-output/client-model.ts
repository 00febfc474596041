import type { ClientCapabilities, ClientSettings } from '../../../protocols/rdp/client-settings.js';
import { fastPathPduLength, MAX_FAST_PATH_PDU } from '../../../protocols/rdp/fast-path/fast-path-header.js';
import { FastPathUpdatePdu, UPDATE_CODE } from '../../../protocols/rdp/fast-path/fast-path-update-pdu.js';
import { BitmapUpdate } from '../../../protocols/rdp/graphics/bitmap-update.js';
import { FrameMarker } from '../../../protocols/rdp/graphics/surface-commands.js';
import { decode } from '../../../protocols/wire/codec.js';
import { decodeInterleaved } from '../../encode/interleaved-decoder.js';
import { decodePlanar } from '../../encode/planar-decoder.js';

/** A client as FreeRDP describes itself; tests change what they are about. */
export const MODERN: ClientCapabilities = {
  fastPathOutput: true,
  noBitmapCompressionHeader: true,
  desktopResize: true,
  skipAlpha: true,
  dynamicColorFidelity: true,
  colorPointerCacheSize: 20,
  pointerCacheSize: 20,
  maxPointerEdge: 384,
  multifragmentMaxBytes: 1 << 20,
  surfaceCommands: 0x52,
  maxUnacknowledgedFrames: 2,
};

export function settings(
  colorDepth: ClientSettings['colorDepth'],
  capabilities: Partial<ClientCapabilities> = {},
): ClientSettings {
  return {
    clientName: 'test',
    clientBuild: 18363,
    keyboardLayout: 0x409,
    desktopWidth: 1024,
    desktopHeight: 768,
    colorDepth,
    channels: [],
    ioChannelId: 1003,
    userChannelId: 1007,
    shareId: 0x103ea,
    capabilities: { ...MODERN, ...capabilities },
  };
}

/** Takes what a server sends on the fast path and shows it: reassembles, decodes, draws; fails on what it must not do. */
export class ClientModel {
  readonly words: Uint32Array;
  /** Everything that is not a bitmap, in order. */
  readonly log: string[] = [];
  readonly pointers: { code: number; data: Uint8Array }[] = [];
  readonly writes: Uint8Array[] = [];
  bitmapCount = 0;
  readonly #width: number;
  readonly #capabilities: ClientCapabilities;
  #fragments: Uint8Array[] = [];

  constructor(width: number, height: number, capabilities: ClientCapabilities) {
    this.#width = width;
    this.#capabilities = capabilities;
    this.words = new Uint32Array(width * height).fill(0xdeadbeef);
  }

  readonly take = (bytes: Uint8Array): void => {
    this.writes.push(bytes);
    let rest = bytes;
    while (rest.length > 0) {
      const length = fastPathPduLength(rest);
      if (length === undefined || length > rest.length) throw new Error('a write ends inside a PDU');
      if (length > MAX_FAST_PATH_PDU) throw new Error(`a PDU has ${length} bytes`);
      for (const { code, fragmentation, data } of decode(FastPathUpdatePdu, rest.slice(0, length)).updates) {
        if (fragmentation !== 'single' && this.#capabilities.multifragmentMaxBytes === 0) throw new Error('a fragment');
        this.#fragments.push(data);
        if (fragmentation === 'single' || fragmentation === 'last') {
          this.update(code, join(this.#fragments));
          this.#fragments = [];
        }
      }
      rest = rest.subarray(length);
    }
  };

  update(code: number, data: Uint8Array): void {
    const { multifragmentMaxBytes } = this.#capabilities;
    if (multifragmentMaxBytes > 0 && data.length > multifragmentMaxBytes) throw new Error(`${data.length} bytes`);
    if (code === UPDATE_CODE.bitmap) this.#draw(data);
    else if (code === UPDATE_CODE.surfaceCommands) {
      const { action, frameId } = decode(FrameMarker, data);
      this.log.push(`${action} ${frameId}`);
    } else this.pointers.push({ code, data });
  }

  #draw(data: Uint8Array): void {
    const { rectangles } = decode(BitmapUpdate, data);
    if (rectangles.length !== 1) throw new Error(`${rectangles.length} rectangles`);
    const { destination, width, height, bitsPerPixel, compression, data: bitmap } = rectangles[0]!;
    this.bitmapCount++;
    if (width % 4 !== 0) throw new Error(`a width of ${width}`);
    if (compression === 'headerless' && !this.#capabilities.noBitmapCompressionHeader) throw new Error('no header');
    if (compression === 'with-header' && width * height * Math.ceil(bitsPerPixel / 8) > 0xffff) {
      throw new Error('the header cannot tell the size');
    }
    if (bitsPerPixel === 32 && compression !== 'none' && !this.#capabilities.skipAlpha && bitmap[0] !== 0x10) {
      throw new Error('no alpha plane');
    }
    const words =
      compression === 'none'
        ? raw(bitmap, width, height, Math.ceil(bitsPerPixel / 8))
        : bitsPerPixel === 32
          ? decodePlanar(bitmap, width, height)
          : decodeInterleaved(bitmap, width, height, bitsPerPixel as 15 | 16 | 24);
    const isLuma = bitsPerPixel === 32 && compression !== 'none' && (bitmap[0]! & 7) !== 0;
    if (isLuma && !this.#capabilities.dynamicColorFidelity) throw new Error('luma');
    const { left, top, right, bottom } = destination;
    if (right - left + 1 > width || bottom - top + 1 !== height) throw new Error('the destination does not fit');
    for (let y = top; y <= bottom; y++) {
      const from = (y - top) * width;
      this.words.set(words.subarray(from, from + right - left + 1), y * this.#width + left);
    }
  }
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function raw(data: Uint8Array, width: number, height: number, pixelBytes: number): Uint32Array {
  if (data.length !== width * height * pixelBytes) throw new Error(`${data.length} raw bytes`);
  return Uint32Array.from({ length: width * height }, (_, i) => {
    const at = ((height - 1 - Math.floor(i / width)) * width + (i % width)) * pixelBytes;
    return data[at]! | (data[at + 1]! << 8) | (pixelBytes > 2 ? data[at + 2]! << 16 : 0);
  });
}
