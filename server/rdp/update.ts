import type { ClientSettings } from '../../protocols/rdp/client-settings.js';
import { UPDATE_CODE } from '../../protocols/rdp/fast-path/fast-path-update-pdu.js';
import { type BitmapData, BitmapUpdate } from '../../protocols/rdp/graphics/bitmap-update.js';
import { FrameMarker, SURFACE_COMMAND_FLAG } from '../../protocols/rdp/graphics/surface-commands.js';
import { encode } from '../../protocols/wire/codec.js';
import { Writer } from '../../protocols/wire/writer.js';
import type { Pixels } from '../../src/display/framebuffer.js';
import { clip, isEmpty, type Rect, split } from '../../src/display/rect.js';
import { TileSet } from '../../src/display/tile-set.js';
import type { ViewUpdate } from '../../src/display/view.js';
import { type BitmapEncoder, MAX_BITMAP_BYTES } from '../../src/encode/encoder.js';
import { interleavedEncoder } from '../../src/encode/interleaved-rle.js';
import { planarEncoder } from '../../src/encode/planar.js';
import { PointerOutput } from './cursor.js';
import { type SendShareData, UpdateStream } from './update-stream.js';

/**
 * Bitmaps are as large as this: four tiles in a row. With 64x64 ones a screen of text takes 2 to 20 % more bytes and
 * an empty one 40 % (shorter runs, more headers); 512x32 saves at most 7 % and is slower (test/bench).
 */
const BITMAP_WIDTH = 256;
const BITMAP_HEIGHT = 64;
/** TS_CD_HEADER counts a bitmap's uncompressed bytes in 16 bits, which 256x64 pixels of 32 bits just exceed. */
const HEADER_BITMAP_WIDTH = 128;

/** updateType 2, numberRectangles 2, rectangle's fields 18, TS_CD_HEADER 8 */
const BITMAP_UPDATE_OVERHEAD = 30;
/** bitmapLength has 16 bits and counts the header. */
const MAX_BITMAP_LENGTH = 0xffff - 8;

/** Encoding goes on this long before others get their turn on the thread. */
const SLICE_MS = 5;

/** Narrower bitmaps are not cut into narrower ones: they would be padded to this width. */
const MIN_SPLIT = 4;

/**
 * What one client is sent of the screen: bitmaps in its own depth, frame markers, pointers. Belongs to one activation:
 * after a deactivation-reactivation the client's caches are empty and a new Output begins.
 */
export class Output {
  readonly #stream: UpdateStream;
  readonly #pointer: PointerOutput;
  readonly #encoder: BitmapEncoder;
  readonly #compression: BitmapData['compression'];
  readonly #bitmapWidth: number;
  readonly #maxBitmapBytes: number;
  readonly #encoded = new Uint8Array(MAX_BITMAP_BYTES);
  readonly #update = new Writer(MAX_BITMAP_BYTES);
  /** Whether frames are marked, and thus acknowledged by the client. */
  readonly marksFrames: boolean;
  #frameId = 0;
  /** A frame was marked as begun and not as ended. */
  #isOpen = false;
  #closed = false;
  #encodeMs = 0;

  /**
   * @param send takes whole fast-path PDUs; the bytes are not written again
   * @param sendShareData where updates go for a client that does not take fast-path output
   */
  constructor(settings: ClientSettings, send: (bytes: Uint8Array) => void, sendShareData?: SendShareData) {
    const { capabilities } = settings;
    this.#stream = new UpdateStream(capabilities, send, sendShareData);
    this.#pointer = new PointerOutput(capabilities, this.#stream);
    this.#encoder = encoderFor(settings);
    this.#compression = capabilities.noBitmapCompressionHeader ? 'headerless' : 'with-header';
    this.#bitmapWidth = capabilities.noBitmapCompressionHeader ? BITMAP_WIDTH : HEADER_BITMAP_WIDTH;
    this.#maxBitmapBytes = Math.min(this.#stream.maxUpdateBytes - BITMAP_UPDATE_OVERHEAD, MAX_BITMAP_LENGTH);
    this.marksFrames =
      this.#stream.isFastPath &&
      capabilities.maxUnacknowledgedFrames !== undefined &&
      (capabilities.surfaceCommands & SURFACE_COMMAND_FLAG.frameMarker) !== 0;
  }

  /** The last frame that was begun; 0 before the first, and always where frames are not marked. */
  get frameId(): number {
    return this.#frameId;
  }

  /** Nothing is sent any more; a paint that is under way ends early, and its frame with it. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#isOpen) this.#mark('end');
    this.#stream.flush();
  }

  /** How long encoding has kept the thread since last asked. */
  takeEncodeMs(): number {
    const taken = this.#encodeMs;
    this.#encodeMs = 0;
    return taken;
  }

  /**
   * Encodes and sends an update from `pixels` as they are now. Where the screen's size changes while this waits for
   * its turn, the rest is left out: the view has noted that everything is to be sent again.
   */
  async paint(update: ViewUpdate, pixels: Pixels): Promise<void> {
    if (this.#closed) return;
    if (update.cursor !== undefined) this.#pointer.show(update.cursor);
    const rects = rectsOf(update, pixels);
    if (rects.length > 0) await this.#paintFrame(rects, pixels);
    if (!this.#closed) this.#stream.flush();
  }

  async #paintFrame(rects: readonly Rect[], pixels: Pixels): Promise<void> {
    const { width, height } = pixels;
    if (this.marksFrames) {
      this.#frameId = (this.#frameId + 1) >>> 0;
      this.#mark('begin');
    }
    let sliceStart = performance.now();
    for (const rect of rects) {
      for (const part of split(rect, this.#bitmapWidth, BITMAP_HEIGHT)) {
        const sliceMs = performance.now() - sliceStart;
        if (sliceMs >= SLICE_MS) {
          this.#encodeMs += sliceMs;
          this.#stream.flush();
          await nextTurn();
          sliceStart = performance.now();
          if (this.#closed) return;
        }
        if (pixels.width !== width || pixels.height !== height) break;
        this.#paintBitmap(part, pixels);
      }
    }
    if (this.marksFrames) this.#mark('end');
    this.#encodeMs += performance.now() - sliceStart;
  }

  /** One rectangle an update: a release of Windows drew only the first one of several. */
  #paintBitmap(rect: Rect, pixels: Pixels): void {
    // Clients want whole groups of four pixels.
    const width = (rect.width + 3) & ~3;
    let compression = this.#compression;
    let size = this.#encoder.compress(pixels, rect, width, this.#encoded);
    if (size === 0) {
      compression = 'none';
      size = this.#encoder.raw(pixels, rect, width, this.#encoded);
    }
    if (size > this.#maxBitmapBytes && (rect.width > MIN_SPLIT || rect.height > 1)) {
      for (const half of halves(rect)) this.#paintBitmap(half, pixels);
      return;
    }
    this.#update.trim(0);
    BitmapUpdate.encode(this.#update, {
      rectangles: [
        {
          destination: { left: rect.x, top: rect.y, right: rect.x + rect.width - 1, bottom: rect.y + rect.height - 1 },
          width,
          height: rect.height,
          bitsPerPixel: this.#encoder.bitsPerPixel,
          compression,
          data: this.#encoded.subarray(0, size),
        },
      ],
    });
    this.#stream.write(UPDATE_CODE.bitmap, this.#update.finish());
  }

  #mark(action: FrameMarker['action']): void {
    this.#isOpen = action === 'begin';
    this.#stream.write(UPDATE_CODE.surfaceCommands, encode(FrameMarker, { action, frameId: this.#frameId }));
  }
}

function encoderFor({ colorDepth, capabilities }: ClientSettings): BitmapEncoder {
  if (colorDepth !== 32) return interleavedEncoder(colorDepth);
  return planarEncoder({ alpha: !capabilities.skipAlpha, luma: capabilities.dynamicColorFidelity });
}

/** The rectangles to send: moved pixels count as changed ones, and what lies outside the screen is left out. */
function rectsOf({ copies, rects }: ViewUpdate, { width, height }: Pixels): Rect[] {
  if (copies.length === 0) return rects.map((rect) => clip(rect, width, height)).filter((rect) => !isEmpty(rect));
  const tiles = new TileSet(width, height);
  for (const rect of rects) tiles.add(rect);
  for (const { to } of copies) tiles.add(to);
  return tiles.rects();
}

function halves(rect: Rect): Iterable<Rect> {
  // Half a group of four pixels would be padded to a whole one.
  if (rect.width > rect.height && rect.width > MIN_SPLIT) return split(rect, ((rect.width >> 1) + 3) & ~3, rect.height);
  return split(rect, rect.width, (rect.height + 1) >> 1);
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
