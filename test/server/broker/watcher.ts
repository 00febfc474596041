import type { MemoryTransport } from '../../../server/transport/memory.js';
import type { Machine } from '../../../src/machine/machine.js';
import { Viewer } from '../rfb/viewer.js';

const RAW = 0;
const ZRLE = 16;
const DESKTOP_SIZE = -223;
const QEMU_KEY = -258;

/** A VNC viewer that always asks for more, so that it shows what is there. */
export class Watcher extends Viewer {
  #failure: unknown;
  /** Resolved by the next update. */
  #news: (() => void)[] = [];

  constructor(transport: MemoryTransport) {
    super(transport);
  }

  /** From the first byte to a picture, with no login. */
  async begin(encoding: 'raw' | 'zrle' = 'raw'): Promise<this> {
    await this.enter();
    return this.run(encoding);
  }

  /** From the first byte to being in. */
  async enter(): Promise<void> {
    await this.read(12);
    this.transport.write(Buffer.from('RFB 003.008\n'));
    const types = await this.read((await this.read(1))[0]!);
    if (types[0] === undefined) throw new Error(await this.reason());
    this.send('01');
    if ((await this.read(4)).readUInt32BE() !== 0) throw new Error(await this.reason());
  }

  async run(encoding: 'raw' | 'zrle' = 'raw'): Promise<this> {
    await this.init();
    this.setEncodings(encoding === 'raw' ? RAW : ZRLE, DESKTOP_SIZE, QEMU_KEY);
    this.request(false);
    void this.#follow();
    return this;
  }

  /** Until the picture is the machine's. */
  async sees({ display }: Machine): Promise<void> {
    await this.until(() => {
      if (this.width !== display.width || this.height !== display.height) return false;
      return this.pixels.every((pixel, i) => pixel === (display.framebuffer.words[i]! & 0xffffff));
    });
  }

  async until(fact: () => boolean): Promise<void> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      if (fact()) return;
      await new Promise<void>((resolve) => this.#news.push(resolve));
    }
  }

  colourAt(x: number, y: number): number {
    return this.pixels[y * this.width + x]!;
  }

  /** By scan code. */
  press(...codes: number[]): void {
    for (const code of codes) this.hold(code, true);
    for (const code of [...codes].reverse()) this.hold(code, false);
  }

  hold(code: number, down: boolean): void {
    this.send(`ff00000${down ? 1 : 0}00000000${code.toString(16).padStart(8, '0')}`);
  }

  point(x: number, y: number, buttons: number): void {
    this.send(`05${[buttons, x >> 8, x & 255, y >> 8, y & 255].map((b) => b.toString(16).padStart(2, '0')).join('')}`);
  }

  async #follow(): Promise<void> {
    try {
      for (;;) {
        await this.update();
        this.request(true);
        for (const tell of this.#news.splice(0)) tell();
      }
    } catch (error) {
      this.#failure = error;
      for (const tell of this.#news.splice(0)) tell();
    }
  }
}
