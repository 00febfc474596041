// A VNC viewer that asks for the next update as soon as it has one, counts, and looks at single pixels; it decodes
// nothing else, so that what is measured is the server.
import { createCipheriv } from 'node:crypto';
import { createConnection } from 'node:net';

export const RAW = 0;
export const COPY_RECT = 1;
export const ZRLE = 16;
const DESKTOP_SIZE = -223;
const BYTES_PER_PIXEL = 4;
const DEADLINE_MS = 5000;
/** SetPixelFormat: 32 bits, little-endian, eight for a channel, blue first. */
const PIXEL_FORMAT = Buffer.from('00000000 20180001 00ff00ff00ff 100800 000000'.replaceAll(' ', ''), 'hex');

/** VncAuth: DES with the bits of each key byte mirrored; triple DES with one key is single DES. */
function vncResponse(challenge, password) {
  const mirror = (byte) => [...Array(8).keys()].reduce((sum, bit) => sum | (((byte >> bit) & 1) << (7 - bit)), 0);
  const key = Buffer.alloc(8);
  key.write(password, 'latin1');
  const mirrored = key.map(mirror);
  return createCipheriv('des-ede3-ecb', Buffer.concat([mirrored, mirrored, mirrored]), null)
    .setAutoPadding(false)
    .update(challenge);
}

export class RfbViewer {
  bytes = 0;
  updates = 0;
  onUpdate = () => {};
  #socket;
  #chunks = [];
  #have = 0;
  #wake = () => {};
  #closed = false;
  #width = 0;
  #height = 0;
  #onArea = () => {};
  #watched;
  #colour = -1;
  #onColour = () => {};

  constructor(server, watched) {
    this.#watched = watched;
    this.#socket = createConnection({ ...server, noDelay: true });
    this.#socket.on('data', (chunk) => {
      this.bytes += chunk.length;
      this.#chunks.push(chunk);
      this.#have += chunk.length;
      this.#wake();
    });
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => {
      this.#closed = true;
      this.#wake();
    });
  }

  /** Resolves when the first whole picture is there; updates are taken from then on. `watched` is a pixel, [x, y]. */
  static async connect(server, encodings, watched) {
    const viewer = new RfbViewer(server, watched);
    const timer = setTimeout(() => viewer.close(), DEADLINE_MS);
    await viewer.#logIn(server.password);
    const list = [...encodings, DESKTOP_SIZE];
    const setEncodings = Buffer.alloc(4 + 4 * list.length);
    setEncodings[0] = 2;
    setEncodings.writeUInt16BE(list.length, 2);
    for (const [i, encoding] of list.entries()) setEncodings.writeInt32BE(encoding, 4 + 4 * i);
    viewer.#socket.write(Buffer.concat([PIXEL_FORMAT, setEncodings]));
    viewer.#request(0);
    let missing = viewer.#width * viewer.#height;
    viewer.#onArea = (pixels) => {
      missing -= pixels;
    };
    while (missing > 0) await viewer.#message();
    viewer.#onArea = () => {};
    clearTimeout(timer);
    void viewer.#follow();
    return viewer;
  }

  get width() {
    return this.#width;
  }

  close() {
    this.#socket.destroy();
  }

  key(keysym, down) {
    const message = Buffer.of(4, down ? 1 : 0, 0, 0, 0, 0, 0, 0);
    message.writeUInt32BE(keysym, 4);
    this.#socket.write(message);
  }

  press(keysym) {
    this.key(keysym, true);
    this.key(keysym, false);
  }

  /** An absolute pointer; `buttons` is 1 for the left one. */
  pointer(x, y, buttons) {
    const message = Buffer.of(5, buttons, 0, 0, 0, 0);
    message.writeUInt16BE(x, 2);
    message.writeUInt16BE(y, 4);
    this.#socket.write(message);
  }

  /** Resolves once the watched pixel's colour passes, at once if it does already. Needs Raw. */
  async colour(passes) {
    if (passes(this.#colour)) return;
    let timer;
    try {
      await new Promise((resolve, reject) => {
        timer = setTimeout(() => reject(new Error(`no such pixel within ${DEADLINE_MS} ms`)), DEADLINE_MS);
        this.#onColour = () => {
          if (passes(this.#colour)) resolve();
        };
      });
    } finally {
      clearTimeout(timer);
      this.#onColour = () => {};
    }
  }

  #look(left, top, width, height, pixels) {
    const [x, y] = this.#watched;
    if (x < left || y < top || x >= left + width || y >= top + height) return;
    this.#colour = pixels.readUInt32LE(((y - top) * width + x - left) * BYTES_PER_PIXEL) & 0xffffff;
    this.#onColour();
  }

  async #logIn(password) {
    await this.#read(12);
    this.#socket.write('RFB 003.008\n');
    await this.#read((await this.#read(1))[0]);
    this.#socket.write(Buffer.of(password === undefined ? 1 : 2));
    if (password !== undefined) this.#socket.write(vncResponse(await this.#read(16), password));
    if ((await this.#read(4)).readUInt32BE() !== 0) throw new Error('the login was refused');
    this.#socket.write(Buffer.of(1));
    const init = await this.#read(24);
    this.#width = init.readUInt16BE(0);
    this.#height = init.readUInt16BE(2);
    await this.#read(init.readUInt32BE(20));
  }

  async #follow() {
    try {
      for (;;) await this.#message();
    } catch (error) {
      if (!this.#closed) throw error;
    }
  }

  async #message() {
    const type = (await this.#read(1))[0];
    if (type === 2) return;
    if (type === 3) {
      await this.#read((await this.#read(7)).readUInt32BE(3));
      return;
    }
    if (type !== 0) throw new Error(`message type ${type} was not asked for`);
    let resized = false;
    for (let left = (await this.#read(3)).readUInt16BE(1); left > 0; left--) {
      resized = (await this.#rectangle()) || resized;
    }
    this.updates++;
    this.onUpdate();
    this.#request(resized ? 0 : 1);
  }

  async #rectangle() {
    const head = await this.#read(12);
    const [x, y, width, height] = [0, 2, 4, 6].map((at) => head.readUInt16BE(at));
    const encoding = head.readInt32BE(8);
    if (encoding === DESKTOP_SIZE) {
      [this.#width, this.#height] = [width, height];
      return true;
    }
    let pixels;
    if (encoding === RAW) pixels = await this.#read(width * height * BYTES_PER_PIXEL);
    else if (encoding === COPY_RECT) await this.#read(4);
    else if (encoding === ZRLE) await this.#read((await this.#read(4)).readUInt32BE());
    else throw new Error(`encoding ${encoding} was not asked for`);
    this.#onArea(width * height);
    if (this.#watched !== undefined && pixels !== undefined) this.#look(x, y, width, height, pixels);
    return false;
  }

  #request(incremental) {
    const message = Buffer.of(3, incremental, 0, 0, 0, 0, 0, 0, 0, 0);
    message.writeUInt16BE(this.#width, 6);
    message.writeUInt16BE(this.#height, 8);
    this.#socket.write(message);
  }

  async #read(length) {
    while (this.#have < length) {
      if (this.#closed) throw new Error('the server closed the connection');
      await new Promise((resolve) => {
        this.#wake = resolve;
      });
    }
    // Joined once all of it is there: a screen comes in fifty pieces.
    const bytes = this.#chunks.length === 1 ? this.#chunks[0] : Buffer.concat(this.#chunks);
    this.#chunks = bytes.length === length ? [] : [bytes.subarray(length)];
    this.#have -= length;
    return bytes.subarray(0, length);
  }
}
