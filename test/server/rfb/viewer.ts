import { createInflate, type Inflate } from 'node:zlib';
import type { PixelFormat } from '../../../protocols/rfb/pixel-format.js';
import type { MemoryTransport } from '../../../server/transport/memory.js';
import { vncResponse } from '../../../src/base/vnc-response.js';
import { decodeHextile, decodeRaw, decodeZrleTiles } from '../../encode/rfb-decoders.js';

/** One rectangle as it came; pseudo-encodings keep their body. */
export interface Seen {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly encoding: number;
  readonly body?: Buffer;
}

/** A VNC viewer that reads bytes by the specification, with nothing of the server's codecs. */
export class Viewer {
  readonly transport: MemoryTransport;
  width = 0;
  height = 0;
  name = '';
  /** Pixel numbers of `format`. */
  pixels = new Uint32Array(0);
  format!: PixelFormat;
  closed: string | undefined;
  colourMap: Buffer | undefined;
  #received = Buffer.alloc(0);
  #wake: () => void = () => {};
  readonly #inflate: Inflate = createInflate();
  #inflated: Buffer[] = [];

  constructor(transport: MemoryTransport) {
    this.transport = transport;
    this.#inflate.on('data', (chunk: Buffer) => this.#inflated.push(chunk));
    transport.onData = (bytes) => {
      this.#received = Buffer.concat([this.#received, bytes]);
      this.#wake();
    };
    transport.onClose = (reason) => {
      this.closed = reason;
      this.#wake();
    };
  }

  get unread(): number {
    return this.#received.length;
  }

  send(hex: string): void {
    this.transport.write(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
  }

  async read(count: number): Promise<Buffer> {
    while (this.#received.length < count) {
      if (this.closed !== undefined) throw new Error(`closed: ${this.closed}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const bytes = this.#received.subarray(0, count);
    this.#received = this.#received.subarray(count);
    return bytes;
  }

  async ended(): Promise<void> {
    while (this.closed === undefined) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async login(password: string): Promise<void> {
    await this.read(12);
    this.transport.write(Buffer.from('RFB 003.008\n'));
    await this.prove(password);
    await this.result();
    await this.init();
  }

  /** VncAuth. */
  async prove(password: string): Promise<void> {
    const types = await this.read((await this.read(1))[0]!);
    if (!types.includes(2)) throw new Error('VncAuth is not offered');
    this.send('02');
    this.transport.write(vncResponse(await this.read(16), password));
  }

  async result(): Promise<void> {
    const result = (await this.read(4)).readUInt32BE();
    if (result !== 0) throw new Error(`refused: ${await this.reason()}`);
  }

  async reason(): Promise<string> {
    return (await this.read((await this.read(4)).readUInt32BE())).toString('latin1');
  }

  /** @param say ClientInit has not been said yet */
  async init(say = true): Promise<void> {
    if (say) this.send('01');
    const head = await this.read(24);
    this.resize(head.readUInt16BE(0), head.readUInt16BE(2));
    this.format = {
      bitsPerPixel: head[4]!,
      depth: head[5]!,
      bigEndian: head[6] !== 0,
      trueColour: head[7] !== 0,
      redMax: head.readUInt16BE(8),
      greenMax: head.readUInt16BE(10),
      blueMax: head.readUInt16BE(12),
      redShift: head[14]!,
      greenShift: head[15]!,
      blueShift: head[16]!,
    };
    this.name = (await this.read(head.readUInt32BE(20))).toString('utf8');
  }

  setFormat(format: PixelFormat): void {
    const bytes = Buffer.alloc(20);
    bytes.set([format.bitsPerPixel, format.depth, format.bigEndian ? 1 : 0, format.trueColour ? 1 : 0], 4);
    bytes.writeUInt16BE(format.redMax, 8);
    bytes.writeUInt16BE(format.greenMax, 10);
    bytes.writeUInt16BE(format.blueMax, 12);
    bytes.set([format.redShift, format.greenShift, format.blueShift], 14);
    this.transport.write(bytes);
    this.format = format;
  }

  setEncodings(...encodings: number[]): void {
    const bytes = Buffer.alloc(4 + encodings.length * 4);
    bytes[0] = 2;
    bytes.writeUInt16BE(encodings.length, 2);
    encodings.forEach((encoding, i) => {
      bytes.writeInt32BE(encoding, 4 + i * 4);
    });
    this.transport.write(bytes);
  }

  request(incremental: boolean, x = 0, y = 0, width = this.width, height = this.height): void {
    const bytes = Buffer.alloc(10);
    bytes[0] = 3;
    bytes[1] = incremental ? 1 : 0;
    [x, y, width, height].forEach((value, i) => {
      bytes.writeUInt16BE(value, 2 + i * 2);
    });
    this.transport.write(bytes);
  }

  key(keysym: number, down: boolean): void {
    this.send(`04${down ? '01' : '00'}0000${keysym.toString(16).padStart(8, '0')}`);
  }

  resize(width: number, height: number): void {
    this.width = width;
    this.height = height;
    this.pixels = new Uint32Array(width * height);
  }

  /** Reads one update and applies it. */
  async update(): Promise<Seen[]> {
    for (;;) {
      const type = (await this.read(1))[0]!;
      if (type === 0) break;
      if (type !== 1) throw new Error(`message ${type}`);
      const head = await this.read(5);
      this.colourMap = await this.read(head.readUInt16BE(3) * 6);
    }
    const count = (await this.read(3)).readUInt16BE(1);
    const seen: Seen[] = [];
    for (let i = 0; i < count; i++) seen.push(await this.#rectangle());
    return seen;
  }

  async #rectangle(): Promise<Seen> {
    const head = await this.read(12);
    const [x, y, width, height] = [0, 2, 4, 6].map((at) => head.readUInt16BE(at)) as [number, number, number, number];
    const encoding = head.readInt32BE(8);
    const bytesPerPixel = this.format.bitsPerPixel / 8;
    const seen = { x, y, width, height, encoding };
    switch (encoding) {
      case 0:
        this.#put(seen, decodeRaw(await this.read(width * height * bytesPerPixel), width, height, this.format));
        return seen;
      case 1: {
        const from = await this.read(4);
        this.#put(seen, this.#get(from.readUInt16BE(0), from.readUInt16BE(2), width, height));
        return seen;
      }
      case 5:
        this.#put(seen, await this.#hextile(width, height));
        return seen;
      case 16: {
        const data = await this.read((await this.read(4)).readUInt32BE());
        this.#put(seen, decodeZrleTiles(await this.#unzip(data), width, height, this.format));
        return seen;
      }
      case -223:
        this.resize(width, height);
        return seen;
      case -308: {
        const body = await this.read(4);
        const screens = await this.read(body[0]! * 16);
        this.resize(width, height);
        return { ...seen, body: screens };
      }
      case -239:
        return { ...seen, body: await this.read(width * height * bytesPerPixel + ((width + 7) >> 3) * height) };
      case -314:
        return { ...seen, body: await this.read(4 + width * height * 4) };
      case -307:
        return { ...seen, body: await this.read((await this.read(4)).readUInt32BE()) };
      case -261:
        return { ...seen, body: await this.read(1) };
      case -258:
      case -316:
        return seen;
      default:
        throw new Error(`encoding ${encoding} was not listed`);
    }
  }

  /** Hextile does not say how long it is: tries with what has arrived until it is enough. */
  async #hextile(width: number, height: number): Promise<Uint32Array> {
    for (;;) {
      let length = 0;
      try {
        const out = decodeHextile(this.#received, width, height, this.format, (count) => {
          length = count;
        });
        await this.read(length);
        return out;
      } catch (error) {
        if (!/too short/.test(String(error)) || this.closed !== undefined) throw error;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async #unzip(data: Buffer): Promise<Buffer> {
    await new Promise<void>((resolve, reject) => {
      this.#inflate.write(data, (error) => (error ? reject(error) : resolve()));
    });
    const bytes = Buffer.concat(this.#inflated);
    this.#inflated = [];
    return bytes;
  }

  #put(r: Seen, pixels: Uint32Array): void {
    if (r.x + r.width > this.width || r.y + r.height > this.height) throw new Error('a rectangle outside the screen');
    for (let row = 0; row < r.height; row++) {
      this.pixels.set(pixels.subarray(row * r.width, (row + 1) * r.width), (r.y + row) * this.width + r.x);
    }
  }

  #get(x: number, y: number, width: number, height: number): Uint32Array {
    const out = new Uint32Array(width * height);
    for (let row = 0; row < height; row++) {
      const at = (y + row) * this.width + x;
      out.set(this.pixels.subarray(at, at + width), row * width);
    }
    return out;
  }
}
