import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { V86 } from 'v86';
import { DEMO_IMAGE } from '../../../src/engine/emulator/demo/image.js';
import { type DemoGuest, type Screen, SerialLines } from './demo-guest.js';

/** The internals that show the picture; the version is pinned. */
interface Internals {
  readonly v86: {
    readonly cpu: {
      readonly wasm_memory: WebAssembly.Memory;
      readonly devices: {
        readonly vga: {
          readonly graphical_mode: boolean;
          readonly svga_width: number;
          readonly svga_height: number;
          readonly svga_memory: Uint8Array;
        };
      };
    };
  };
  readonly bus: { send(name: string, data: unknown): void };
}

const WASM = join(dirname(createRequire(import.meta.url).resolve('v86')), 'v86.wasm');

/** In v86 as it comes, past our engine: what is tested is the guest. */
export async function bootInV86(): Promise<DemoGuest> {
  // v86 wants the browser's class; only that it exists matters here.
  Object.assign(globalThis, { ImageData: globalThis.ImageData ?? class ImageData {} });
  const serial = new SerialLines();
  const image = readFileSync(DEMO_IMAGE);
  const emulator = new V86({
    wasm_path: WASM,
    autostart: false,
    disable_keyboard: true,
    disable_mouse: true,
    disable_speaker: true,
    net_device: { type: 'none' } as never,
    memory_size: 32 << 20,
    multiboot: { buffer: new Uint8Array(image).buffer },
  });
  emulator.add_listener('serial0-output-byte', (byte: number) => serial.receive(String.fromCharCode(byte)));
  await new Promise<void>((resolve) => emulator.add_listener('emulator-loaded', () => resolve()));
  await emulator.run();
  const { v86, bus } = emulator as unknown as Internals;
  const { vga } = v86.cpu.devices;
  let leftBefore = false;
  return {
    serial,
    send: (line) => emulator.serial0_send(`${line}\n`),
    async key(code, down) {
      if (code & 0x80) bus.send('keyboard-code', 0xe0);
      bus.send('keyboard-code', (code & 0x7f) | (down ? 0 : 0x80));
    },
    async point(x, y, left) {
      bus.send('mouse-absolute', [x, y, vga.svga_width, vga.svga_height]);
      // A position alone raises no interrupt.
      if (left === leftBefore) bus.send('mouse-delta', [1, 0]);
      else bus.send('mouse-click', [left, false, false]);
      leftBefore = left;
    },
    async screen(): Promise<Screen> {
      const [width, height] = [vga.svga_width, vga.svga_height];
      const pixels = new Uint32Array(v86.cpu.wasm_memory.buffer, vga.svga_memory.byteOffset, width * height);
      return { width, height, pixels: pixels.map((value) => value & 0xffffff) };
    },
    inTextMode: async () => !vga.graphical_mode,
    stop: () => emulator.destroy(),
  };
}
