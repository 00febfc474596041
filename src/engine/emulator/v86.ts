import { V86 } from 'v86';

/**
 * The parts of v86 0.5.462 that we use, most of them internals: the package is pinned to that version, and the
 * engine's tests (boot, pixel, key, pixel) fail when one of them changes.
 */
export interface Vga {
  screen: ScreenAdapter;
  readonly graphical_mode: boolean;
  readonly svga_enabled: boolean;
  readonly svga_bpp: number;
  readonly svga_width: number;
  /** Where the picture starts in video memory, in pixels. */
  readonly svga_offset: number;
  /** A view that follows the growth of the WASM memory; only its place is of use to us. */
  readonly svga_memory: { readonly byteOffset: number };
  readonly vga_memory_size: number;
  readonly virtual_width: number;
  /** Replaced as a whole whenever panning, splitting or blanking changes. */
  readonly layers: readonly Layer[];
  /** Legacy modes: planes changed between these addresses since the last fill; min > max when they did not. */
  readonly diff_addr_min: number;
  readonly diff_addr_max: number;
  /** Paints what changed and hands it to `screen.update_buffer`. Also what makes page flips take effect. */
  screen_fill_buffer(): void;
}

/** A part of v86's own picture and where it goes on the screen, as canvas' putImageData takes it. */
export interface Layer {
  readonly image_data: { readonly data: Uint8ClampedArray; readonly width: number };
  readonly screen_x: number;
  readonly screen_y: number;
  readonly buffer_x: number;
  readonly buffer_y: number;
  readonly buffer_width: number;
  readonly buffer_height: number;
}

/** What v86 calls to show things; colours are 0xRRGGBB. */
export interface ScreenAdapter {
  readonly FLAG_BLINKING: number;
  readonly FLAG_FONT_PAGE_B: number;
  put_char(row: number, column: number, character: number, flags: number, background: number, colour: number): void;
  set_mode(graphical: boolean): void;
  set_size_text(columns: number, rows: number): void;
  set_size_graphical(width: number, height: number): void;
  set_font_bitmap(
    height: number,
    nine: boolean,
    double: boolean,
    copyEighth: boolean,
    bitmap: Uint8Array,
    changed: boolean,
  ): void;
  set_font_page(a: number, b: number): void;
  update_cursor(row: number, column: number): void;
  update_cursor_scanline(start: number, end: number, visible: boolean): void;
  update_buffer(layers: readonly Layer[]): void;
  clear_screen(): void;
  clear_text_state(): void;
  pause(): void;
  continue(): void;
  destroy(): void;
  get_text_screen(): string[];
  get_text_row(row: number): string;
}

export interface ByteQueue {
  readonly length: number;
}

export interface Ps2 {
  readonly kbd_buffer: ByteQueue;
  readonly mouse_buffer: ByteQueue;
  readonly enable_mouse_stream: boolean;
  readonly next_read_led: boolean;
  readonly next_read_sample: boolean;
  readonly next_read_resolution: boolean;
  readonly read_command_register: boolean;
  readonly read_output_register: boolean;
  port60_write(value: number): void;
}

/** What is behind an I/O port: a device and its functions for the three widths, or functions that do nothing. */
export type Port = Readonly<
  Record<'read8' | 'read16' | 'read32' | 'write8' | 'write16' | 'write32' | 'device', unknown>
>;

/** Makes these the functions of a port for 8, 16 and 32 bits; undefined leaves the one it has. */
type RegisterPort = (port: number, device: object, ...functions: (PortFunction | undefined)[]) => void;
/** Reading gives a value, writing takes one. */
type PortFunction = (value: number) => unknown;

export interface Cpu {
  readonly wasm_memory: { readonly buffer: ArrayBuffer };
  /** The guest's memory. */
  readonly mem8: Uint8Array;
  readonly io: {
    readonly ports: Port[];
    create_empty_entry(): Port;
    register_read: RegisterPort;
    register_write: RegisterPort;
  };
  readonly devices: {
    readonly vga: Vga;
    readonly ps2: Ps2;
    readonly pci: {
      readonly devices: ({ readonly pci_bars: readonly (object | undefined)[] } | undefined)[];
      readonly device_spaces: (Int32Array | undefined)[];
    };
  };
  reboot_internal(): void;
}

/** The emulated machine inside the V86 object. */
export interface Core {
  readonly cpu: Cpu;
  running: boolean;
  yield(delayMs: number, tick: number): void;
  yield_callback(tick: number): void;
  next_tick(delayMs: number): void;
  do_tick(): void;
  run(): void;
  save_state(): ArrayBuffer;
  restore_state(state: ArrayBuffer): void;
}

export interface Emulator {
  readonly v86: Core;
  screen_adapter: ScreenAdapter;
  readonly bus: { send(name: string, data?: unknown): void };
  add_listener(name: string, listener: (value: never) => void): void;
}

/** A disk as v86 reads and writes it: whole blocks of 512 bytes or more, answered by callback. */
export interface BlockDevice {
  readonly byteLength: number;
  onload: ((event: object) => void) | undefined;
  load(): void;
  get(start: number, length: number, done: (data: Uint8Array) => void): void;
  /** Called before the machine starts, for what it asks `get_from_cache` for: the partition table. */
  get_and_cache(start: number, length: number, done: (data: Uint8Array) => void): void;
  get_from_cache(start: number, length: number): Uint8Array;
  set(start: number, data: Uint8Array, done: () => void): void;
  get_buffer(done: (buffer?: ArrayBuffer) => void): void;
  get_state(): unknown[];
  set_state(state: unknown[]): void;
}

export interface V86Settings {
  readonly wasm_fn: (imports: object) => Promise<object>;
  readonly memory_size: number;
  readonly vga_memory_size: number;
  readonly bios?: { buffer: ArrayBuffer };
  readonly vga_bios?: { buffer: ArrayBuffer };
  readonly multiboot?: { buffer: ArrayBuffer };
  readonly bzimage?: { buffer: ArrayBuffer };
  readonly initrd?: { buffer: ArrayBuffer };
  readonly cmdline?: string;
  readonly cdrom?: BlockDevice;
  readonly hda?: BlockDevice;
  readonly hdb?: BlockDevice;
  readonly fda?: { buffer: ArrayBuffer };
}

/** v86 makes no picture for graphics modes unless this class exists. */
class PlainImageData {
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
  constructor(data: Uint8ClampedArray, width: number, height: number) {
    this.data = data;
    this.width = width;
    this.height = height;
  }
}

/** Makes a machine that does not run yet. Resolves when its media are loaded; rejects when it cannot be made. */
export function makeEmulator(settings: V86Settings): Promise<Emulator> {
  Object.assign(globalThis, { ImageData: PlainImageData });
  return new Promise((resolve, reject) => {
    // v86 starts on a promise of its own that nobody can wait for: what fails there arrives here.
    process.once('unhandledRejection', reject);
    const options = {
      ...settings,
      autostart: false,
      disable_keyboard: true,
      disable_mouse: true,
      disable_speaker: true,
      net_device: { type: 'none' },
    };
    const emulator = new (V86 as unknown as new (options: object) => Emulator)(options);
    emulator.add_listener('emulator-loaded', () => {
      process.off('unhandledRejection', reject);
      resolve(emulator);
    });
  });
}
