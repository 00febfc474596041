import { createRequire } from 'node:module';
import type { Address, Login } from './clients.js';
import { blank, type Picture } from './picture.js';
import { atEnd } from './processes.js';
import { until } from './wait.js';

/** A bitmap as node-rdpjs-2 hands it out; right and bottom are inclusive. */
interface Bitmap {
  readonly destLeft: number;
  readonly destTop: number;
  readonly destRight: number;
  readonly destBottom: number;
  readonly width: number;
  readonly height: number;
  readonly bitsPerPixel: number;
  readonly isCompress: boolean;
  readonly data: Uint8Array;
}

interface Client {
  on(event: 'connect' | 'close' | 'session', handler: () => void): Client;
  on(event: 'bitmap', handler: (bitmap: Bitmap) => void): Client;
  on(event: 'error', handler: (error: Error) => void): Client;
  connect(host: string, port: number): Client;
  close(): Client;
  sendKeyEventScancode(code: number, down: boolean): void;
  sendPointerEvent(x: number, y: number, button: number, down: boolean): void;
}

// Its logger reads this when it is loaded; it warns whenever a connection is closed.
process.env.log_level = 'fatal';
const rdp = createRequire(import.meta.url)('node-rdpjs-2') as { createClient(config: object): Client };

/** A client of other authors and another age: RDP 5 with 16-bit bitmaps, in this process. */
export class RdpJs {
  readonly name = 'node-rdpjs-2';
  connected = false;
  closed = false;
  bitmaps = 0;
  readonly errors: string[] = [];
  readonly #client: Client;
  readonly #screen: Picture;

  constructor(server: Address, login: Login, screen: { width: number; height: number }) {
    this.#screen = blank(screen.width, screen.height);
    this.#client = rdp
      .createClient({
        domain: '',
        userName: login.user,
        password: login.password,
        enablePerf: true,
        autoLogin: true,
        decompress: true,
        screen,
        locale: 'en',
        logLevel: 'ERROR',
      })
      .on('connect', () => {
        this.connected = true;
      })
      .on('close', () => {
        this.closed = true;
      })
      .on('error', (error) => {
        this.errors.push(String(error.message ?? error));
      })
      .on('bitmap', (bitmap) => this.#draw(bitmap))
      .connect(server.host, server.port);
    atEnd(() => this.close());
  }

  async shown(deadlineMs = 20_000): Promise<this> {
    await until('node-rdpjs-2 gets a bitmap', () => this.bitmaps > 0, {
      deadlineMs,
      state: () => `connected ${this.connected}, closed ${this.closed}, errors ${this.errors.join('; ')}`,
    });
    return this;
  }

  async picture(): Promise<Picture> {
    return { ...this.#screen, pixels: this.#screen.pixels.slice() };
  }

  /** By scan code: this client knows no key names. */
  key(code: number): void {
    this.#client.sendKeyEventScancode(code, true);
    this.#client.sendKeyEventScancode(code, false);
  }

  async close(): Promise<void> {
    this.#client.close();
  }

  #draw(bitmap: Bitmap): void {
    this.bitmaps++;
    // What the library has decompressed is four bytes a pixel, top down; the rest it hands out as it came: bottom up.
    const raw = Buffer.isBuffer(bitmap.data);
    const read = (raw ? RAW_PIXEL : DECOMPRESSED_PIXEL)[bitmap.bitsPerPixel];
    if (read === undefined) throw new Error(`a bitmap of ${bitmap.bitsPerPixel} bits a pixel`);
    const { width, height } = this.#screen;
    for (let y = bitmap.destTop; y <= Math.min(bitmap.destBottom, height - 1); y++) {
      const row = raw ? bitmap.height - 1 - (y - bitmap.destTop) : y - bitmap.destTop;
      for (let x = bitmap.destLeft; x <= Math.min(bitmap.destRight, width - 1); x++) {
        this.#screen.pixels[y * width + x] = read(bitmap.data, row * bitmap.width + (x - bitmap.destLeft));
      }
    }
  }
}

type PixelReader = (data: Uint8Array, index: number) => number;

const rgbaPixel: PixelReader = (data, i) => (data[i * 4]! << 16) | (data[i * 4 + 1]! << 8) | data[i * 4 + 2]!;
const bgrxPixel: PixelReader = (data, i) => (data[i * 4 + 2]! << 16) | (data[i * 4 + 1]! << 8) | data[i * 4]!;
const bgrPixel: PixelReader = (data, i) => (data[i * 3 + 2]! << 16) | (data[i * 3 + 1]! << 8) | data[i * 3]!;

/** Its decoders widen the lower depths for a browser's canvas and leave the bytes of the others in their order. */
const DECOMPRESSED_PIXEL: Readonly<Record<number, PixelReader>> = {
  15: rgbaPixel,
  16: rgbaPixel,
  24: bgrxPixel,
  32: bgrxPixel,
};

const RAW_PIXEL: Readonly<Record<number, PixelReader>> = {
  16: (data, i) => fromRgb565(data[i * 2]! | (data[i * 2 + 1]! << 8)),
  24: bgrPixel,
  32: bgrxPixel,
};

function fromRgb565(pixel: number): number {
  const [red, green, blue] = [pixel >> 11, (pixel >> 5) & 63, pixel & 31];
  return (((red << 3) | (red >> 2)) << 16) | (((green << 2) | (green >> 4)) << 8) | (blue << 3) | (blue >> 2);
}
