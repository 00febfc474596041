import { constants, createDeflate, createDeflateRaw, type Deflate, type DeflateRaw } from 'node:zlib';

/** Higher levels cost several times as much for a few percent on screen content. */
const LEVEL = 1;

/**
 * One zlib stream that lasts as long as its connection: later data refer to earlier ones. Works on the thread pool.
 * Calls must not overlap.
 */
export class ZlibStream {
  readonly #deflate: Deflate | DeflateRaw;
  #chunks: Uint8Array[] = [];
  #reject: ((error: Error) => void) | undefined;

  /**
   * @param begun goes on in a stream whose former writer is gone, after a flush: the peer's decompressor goes on
   * behind the header that it has, and nothing refers to what the former writer knew
   */
  constructor(begun = false) {
    const options = { level: LEVEL, flush: constants.Z_SYNC_FLUSH, chunkSize: 64 << 10 };
    this.#deflate = begun ? createDeflateRaw(options) : createDeflate(options);
    this.#deflate.on('data', (chunk: Uint8Array) => this.#chunks.push(chunk));
    this.#deflate.on('error', (error) => this.#reject?.(error));
  }

  /** Compresses `bytes` and flushes: a peer that has read the result can decompress all of them. */
  compress(bytes: Uint8Array): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      this.#reject = reject;
      this.#deflate.write(bytes, (error) => {
        if (error) return reject(error);
        // What was pushed while nobody could take it is still in the stream; reading emits it as data.
        while (this.#deflate.read() !== null);
        const chunks = this.#chunks;
        this.#chunks = [];
        this.#reject = undefined;
        resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
      });
    });
  }

  /** Rejects what is being compressed. */
  close(): void {
    this.#deflate.destroy();
    this.#reject?.(new Error('the zlib stream is closed'));
  }
}
