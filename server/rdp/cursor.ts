import type { ClientCapabilities } from '../../protocols/rdp/client-settings.js';
import { UPDATE_CODE } from '../../protocols/rdp/fast-path/fast-path-update-pdu.js';
import { CachedPointer, ColorPointer, LargePointer, NewPointer } from '../../protocols/rdp/graphics/pointer-update.js';
import { encode } from '../../protocols/wire/codec.js';
import type { Cursor, CursorShape } from '../../src/display/cursor.js';
import { fitPointer, pointerMasks } from '../../src/encode/pointer-masks.js';
import { PointerCache } from './pointer-cache.js';
import type { UpdateStream } from './update-stream.js';

/** Edges that clients take: always, with LARGE_POINTER_FLAG_96x96, with LARGE_POINTER_FLAG_384x384. */
const EDGES = [384, 96, 32] as const;
/** Largest edge of a New Pointer Update; beyond it is the Large Pointer Update. */
const MAX_NEW_POINTER_EDGE = 96;

/** The pointer of one client: what it shows, and which shapes it keeps. */
export class PointerOutput {
  readonly #stream: UpdateStream;
  readonly #bitsPerPixel: 24 | 32;
  readonly #cache: PointerCache;
  readonly #maxEdge: number;
  /** What the client shows: a shape's name, or one of the two without a shape. */
  #shown: string | undefined;

  constructor(capabilities: ClientCapabilities, stream: UpdateStream) {
    this.#stream = stream;
    const hasNewPointers = capabilities.pointerCacheSize > 0;
    this.#bitsPerPixel = hasNewPointers ? 32 : 24;
    this.#cache = new PointerCache(hasNewPointers ? capabilities.pointerCacheSize : capabilities.colorPointerCacheSize);
    const allowed = hasNewPointers && stream.isFastPath ? capabilities.maxPointerEdge : 32;
    const fits = (edge: number): boolean => edge <= allowed && updateBytes(edge) <= stream.maxUpdateBytes;
    this.#maxEdge = EDGES.find(fits) ?? 32;
  }

  show(cursor: Cursor): void {
    // A client without any pointer cache takes no shapes at all.
    if (cursor === 'unknown' || (cursor !== 'hidden' && this.#cache.size === 0)) {
      if (this.#changes('default')) this.#stream.write(UPDATE_CODE.pointerDefault, NOTHING);
    } else if (cursor === 'hidden') {
      if (this.#changes('hidden')) this.#stream.write(UPDATE_CODE.pointerNull, NOTHING);
    } else this.#showShape(cursor);
  }

  #showShape(shape: CursorShape): void {
    const name = this.#cache.nameOf(shape);
    if (!this.#changes(name)) return;
    const { index: cacheIndex, isNew } = this.#cache.place(name);
    if (!isNew) {
      this.#stream.write(UPDATE_CODE.cachedPointer, encode(CachedPointer, { cacheIndex }));
      return;
    }
    const xorBitsPerPixel = this.#bitsPerPixel;
    const pointer = { cacheIndex, ...pointerMasks(fitPointer(shape, this.#maxEdge), xorBitsPerPixel) };
    if (xorBitsPerPixel === 24) this.#stream.write(UPDATE_CODE.colorPointer, encode(ColorPointer, pointer));
    else if (Math.max(pointer.width, pointer.height) <= MAX_NEW_POINTER_EDGE) {
      this.#stream.write(UPDATE_CODE.newPointer, encode(NewPointer, { ...pointer, xorBitsPerPixel }));
    } else this.#stream.write(UPDATE_CODE.largePointer, encode(LargePointer, { ...pointer, xorBitsPerPixel }));
  }

  #changes(name: string): boolean {
    if (name === this.#shown) return false;
    this.#shown = name;
    return true;
  }
}

const NOTHING = new Uint8Array(0);

/** Size of the update for a square shape of 32 bits. */
function updateBytes(edge: number): number {
  const pad = 1;
  return LargePointer.fixedSize + edge * edge * 4 + (edge * edge) / 8 + pad;
}
