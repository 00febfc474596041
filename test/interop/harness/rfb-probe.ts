import { createCipheriv } from 'node:crypto';
import { createConnection } from 'node:net';
import type { Duplex } from 'node:stream';
import { createWebSocketStream, WebSocket } from 'ws';
import type { Address } from './clients.js';
import { blank, type Picture } from './picture.js';
import { atEnd } from './processes.js';

const RAW = 0;
const DESKTOP_SIZE = -223;

/**
 * The smallest VNC viewer there is: Raw pixels, sizes, scan codes by keysym. It shares no code with the server and
 * so can vouch for it; it also counts updates, which no real client tells.
 */
export class RfbProbe {
  updates = 0;
  closed = false;
  /** Milliseconds from connecting to the first complete picture. */
  firstPaintMs = 0;
  #screen: Picture = blank(0, 0);
  readonly #socket: Duplex;
  readonly #bytes: AsyncGenerator<Buffer, void, number>;

  private constructor(socket: Duplex) {
    this.#socket = socket;
    this.#bytes = byteQueue(socket);
    socket.on('error', () => {});
    socket.on('close', () => {
      this.closed = true;
    });
    atEnd(() => socket.destroy());
  }

  /** Resolves when the first picture is complete; the screen is followed from then on. */
  static connect(server: Address, password?: string): Promise<RfbProbe> {
    return RfbProbe.#over(createConnection({ ...server, noDelay: true }), password);
  }

  /** The same as a browser does it. */
  static connectWebSocket(url: string): Promise<RfbProbe> {
    return RfbProbe.#over(createWebSocketStream(new WebSocket(url, 'binary')), undefined);
  }

  static async #over(stream: Duplex, password: string | undefined): Promise<RfbProbe> {
    const startedMs = performance.now();
    const probe = new RfbProbe(stream);
    await probe.#bytes.next();
    await probe.#handshake(password);
    await probe.#update();
    probe.firstPaintMs = performance.now() - startedMs;
    void probe.#follow().catch(() => socketGone(probe));
    return probe;
  }

  async picture(): Promise<Picture> {
    return { ...this.#screen, pixels: this.#screen.pixels.slice() };
  }

  key(keysym: number): void {
    for (const down of [1, 0]) {
      const message = Buffer.from([4, down, 0, 0, 0, 0, 0, 0]);
      message.writeUInt32BE(keysym, 4);
      this.#socket.write(message);
    }
  }

  /** No button is held. */
  moveTo(x: number, y: number): void {
    const message = Buffer.from([5, 0, 0, 0, 0, 0]);
    message.writeUInt16BE(x, 2);
    message.writeUInt16BE(y, 4);
    this.#socket.write(message);
  }

  close(): void {
    this.#socket.destroy();
  }

  async #handshake(password: string | undefined): Promise<void> {
    await this.#read(12);
    this.#socket.write('RFB 003.008\n');
    const types = await this.#read((await this.#read(1))[0]!);
    const type = password === undefined ? 1 : 2;
    if (!types.includes(type)) throw new Error(`security types ${[...types]}, ${type} wanted`);
    this.#socket.write(Buffer.from([type]));
    if (password !== undefined) this.#socket.write(desResponse(await this.#read(16), password));
    if ((await this.#read(4)).readUInt32BE() !== 0) throw new Error('the login was refused');
    this.#socket.write(Buffer.from([1]));
    const init = await this.#read(24);
    await this.#read(init.readUInt32BE(20));
    this.#screen = blank(init.readUInt16BE(0), init.readUInt16BE(2));
    // 32 bits, little-endian, 8 bits a channel: a pixel as Picture has it.
    this.#socket.write(Buffer.from('00000000 20 18 00 01 00ff 00ff 00ff 10 08 00 000000'.replaceAll(' ', ''), 'hex'));
    const encodings = Buffer.from([2, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0]);
    encodings.writeInt32BE(DESKTOP_SIZE, 4);
    encodings.writeInt32BE(RAW, 8);
    this.#socket.write(encodings);
    this.#request(false);
  }

  async #follow(): Promise<void> {
    for (;;) await this.#update();
  }

  /** One server message; asks for the next picture as soon as this one is there. */
  async #update(): Promise<void> {
    for (;;) {
      const type = (await this.#read(1))[0]!;
      if (type === 0) break;
      if (type === 2) continue;
      if (type !== 3) throw new Error(`message type ${type} was not asked for`);
      await this.#read((await this.#read(7)).readUInt32BE(3));
    }
    const count = (await this.#read(3)).readUInt16BE(1);
    let resized = false;
    for (let i = 0; i < count; i++) resized = (await this.#rectangle()) || resized;
    this.updates++;
    this.#request(!resized);
    if (resized) await this.#update();
  }

  /** Returns whether it was a change of size. */
  async #rectangle(): Promise<boolean> {
    const head = await this.#read(12);
    const [x, y, width, height] = [0, 2, 4, 6].map((at) => head.readUInt16BE(at)) as [number, number, number, number];
    const encoding = head.readInt32BE(8);
    if (encoding === DESKTOP_SIZE) {
      this.#screen = blank(width, height);
      return true;
    }
    if (encoding !== RAW) throw new Error(`encoding ${encoding} was not asked for`);
    const data = await this.#read(width * height * 4);
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        const pixel = data.readUInt32LE((row * width + column) * 4) & 0xffffff;
        this.#screen.pixels[(y + row) * this.#screen.width + x + column] = pixel;
      }
    }
    return false;
  }

  #request(incremental: boolean): void {
    const message = Buffer.from([3, incremental ? 1 : 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    message.writeUInt16BE(this.#screen.width, 6);
    message.writeUInt16BE(this.#screen.height, 8);
    this.#socket.write(message);
  }

  async #read(length: number): Promise<Buffer> {
    const { value } = await this.#bytes.next(length);
    if (value === undefined) throw new Error('the server closed the connection');
    return value;
  }
}

function socketGone(probe: RfbProbe): void {
  probe.closed = true;
}

/** Give it a length by next(), get so many bytes. The first next() only starts it. */
async function* byteQueue(socket: Duplex): AsyncGenerator<Buffer, void, number> {
  let have: Buffer[] = [];
  let length = 0;
  let wanted = yield Buffer.alloc(0);
  const take = (): Buffer => {
    const all = have.length === 1 ? have[0]! : Buffer.concat(have);
    have = [all.subarray(wanted)];
    length -= wanted;
    return all.subarray(0, wanted);
  };
  while (wanted === 0) wanted = yield Buffer.alloc(0);
  for await (const chunk of socket) {
    have.push(chunk as Buffer);
    length += (chunk as Buffer).length;
    while (length >= wanted) wanted = yield take();
  }
}

/** VncAuth: DES with the bits of each key byte mirrored; triple DES with one key is single DES. */
function desResponse(challenge: Buffer, password: string): Buffer {
  const key = Buffer.alloc(8);
  key.write(password.slice(0, 8), 'latin1');
  const mirrored = key.map((byte) =>
    Number.parseInt(byte.toString(2).padStart(8, '0').split('').reverse().join(''), 2),
  );
  const cipher = createCipheriv('des-ede3-ecb', Buffer.concat([mirrored, mirrored, mirrored]), null);
  return cipher.setAutoPadding(false).update(challenge);
}
