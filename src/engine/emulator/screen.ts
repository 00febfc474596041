import { fitsFramebuffer } from '../../display/framebuffer.js';
import type { Rect } from '../../display/rect.js';
import { copyVideoMemory, paintLayer, type ScreenSize } from './graphics-mode.js';
import { FLAG_BLINKING, FLAG_FONT_PAGE_B, TextMode } from './text-mode.js';
import type { Cpu, Layer, ScreenAdapter, Vga } from './v86.js';

export interface ScreenEvents {
  /** The guest set another size; nothing is painted until `accept`. */
  size(size: ScreenSize): void;
  /** Pixels in `rect` were painted. */
  painted(rect: Rect): void;
}

/** The guest's screen on its way from v86 into the shared framebuffer. Lives in the worker. */
export class Screen implements ScreenAdapter {
  readonly FLAG_BLINKING = FLAG_BLINKING;
  readonly FLAG_FONT_PAGE_B = FLAG_FONT_PAGE_B;
  readonly #memory: SharedArrayBuffer;
  readonly #events: ScreenEvents;
  readonly #text = new TextMode();
  #cpu: Cpu | undefined;
  #isGraphical = false;
  #graphicalSize: ScreenSize = { width: 0, height: 0 };
  /** What the other side agreed to; its rows are what the framebuffer holds. */
  #size: ScreenSize | undefined;
  #asked: ScreenSize | undefined;
  #words: Uint32Array = new Uint32Array(0);
  #lastLayers: readonly Layer[] | undefined;
  #layersChanged = true;
  #repaint = true;
  #blank = false;
  #painted = false;

  constructor(memory: SharedArrayBuffer, events: ScreenEvents) {
    this.#memory = memory;
    this.#events = events;
  }

  attach(cpu: Cpu): void {
    this.#cpu = cpu;
  }

  /** A size was asked for and is not accepted yet. */
  get isWaiting(): boolean {
    return this.#asked !== undefined;
  }

  /** The framebuffer now has the size that was last asked for; what is in it does not count. */
  accept(): void {
    this.#size = this.#asked;
    this.#asked = undefined;
    if (this.#size === undefined) return;
    this.#words = new Uint32Array(this.#memory, 0, this.#size.width * this.#size.height);
    this.invalidate();
  }

  /** Everything is painted again: the guest was replaced under the screen. */
  invalidate(): void {
    this.#text.invalidate();
    this.#repaint = true;
  }

  /** Paints what changed since the last call; returns whether anything was. */
  poll(): boolean {
    const vga = this.#cpu?.devices.vga;
    if (vga === undefined || this.isWaiting) return false;
    // In text modes this only moves the retrace on, for which guests wait.
    if (!this.#isGraphical) vga.screen_fill_buffer();
    const wanted = this.#isGraphical ? this.#graphicalSize : this.#text;
    // None before the guest has set one up, and for a moment too much: its registers are written one after the other.
    if (!fitsFramebuffer(wanted.width, wanted.height)) return false;
    if (wanted.width !== this.#size?.width || wanted.height !== this.#size.height) {
      this.#asked = { width: wanted.width, height: wanted.height };
      this.#events.size(this.#asked);
      return false;
    }
    this.#painted = false;
    if (this.#isGraphical) this.#pollGraphics(vga, this.#size);
    else this.#report(this.#text.draw(this.#words));
    this.#repaint = false;
    return this.#painted;
  }

  #pollGraphics(vga: Vga, size: ScreenSize): void {
    if (this.#blank) {
      this.#blank = false;
      this.#words.fill(0);
      this.#report({ x: 0, y: 0, ...size });
    }
    const moved = vga.layers !== this.#lastLayers;
    this.#layersChanged = moved || vga.diff_addr_min <= vga.diff_addr_max || this.#repaint;
    vga.screen_fill_buffer();
    this.#lastLayers = vga.layers;
  }

  #report(rect: Rect | undefined): void {
    if (rect === undefined) return;
    this.#painted = true;
    this.#events.painted(rect);
  }

  // Called by v86, from within screen_fill_buffer.

  update_buffer(layers: readonly Layer[]): void {
    const cpu = this.#cpu;
    const size = this.#size;
    if (cpu === undefined || size === undefined) return;
    const vga = cpu.devices.vga;
    if (vga.svga_enabled && vga.svga_bpp === 32 && vga.svga_width === size.width) {
      const first = this.#repaint ? 0 : (layers[0]?.screen_y ?? 0);
      const count = this.#repaint ? size.height : Math.min(layers[0]?.buffer_height ?? 0, size.height - first);
      if (count <= 0) return;
      copyVideoMemory(vga, cpu.wasm_memory.buffer, first, count, this.#words);
      this.#report({ x: 0, y: first, width: size.width, height: count });
      return;
    }
    // Legacy modes are handed over whole at every call, changed or not.
    if (!vga.svga_enabled && !this.#layersChanged) return;
    for (const layer of layers) this.#report(paintLayer(layer, size, this.#words));
  }

  // Called by v86, from within the guest's instructions.

  put_char(row: number, column: number, character: number, flags: number, background: number, colour: number): void {
    this.#text.put(row, column, character, flags, background, colour);
  }
  set_mode(graphical: boolean): void {
    if (graphical === this.#isGraphical) return;
    this.#isGraphical = graphical;
    this.#repaint = true;
    this.#text.invalidate();
  }
  set_size_text(columns: number, rows: number): void {
    this.#text.resize(columns, rows);
  }
  set_size_graphical(width: number, height: number): void {
    this.#graphicalSize = { width, height };
    this.#repaint = true;
  }
  set_font_bitmap(
    height: number,
    nine: boolean,
    double: boolean,
    joinLines: boolean,
    bitmap: Uint8Array,
    changed: boolean,
  ): void {
    this.#text.setFont({ height, width: double ? 16 : nine ? 9 : 8, joinLines, bitmap }, changed);
  }
  set_font_page(a: number, b: number): void {
    this.#text.setFontPages(a, b);
  }
  update_cursor(row: number, column: number): void {
    this.#text.moveCursor(row, column);
  }
  update_cursor_scanline(first: number, last: number, visible: boolean): void {
    this.#text.setCursorShape(first, last, visible);
  }
  clear_screen(): void {
    this.#blank = true;
  }
  clear_text_state(): void {
    this.#text.invalidate();
  }
  pause(): void {}
  continue(): void {}
  destroy(): void {}
  get_text_screen(): string[] {
    return [];
  }
  get_text_row(): string {
    return '';
  }
}
