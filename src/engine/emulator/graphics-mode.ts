import type { Rect } from '../../display/rect.js';
import type { Layer, Vga } from './v86.js';

/** Size of the screen that is painted on. */
export interface ScreenSize {
  readonly width: number;
  readonly height: number;
}

/**
 * Copies rows of a 32 bit mode from video memory, which is BGRX as the framebuffer is. Rows that the guest placed
 * beyond the end of video memory stay as they are.
 */
export function copyVideoMemory(vga: Vga, memory: ArrayBuffer, first: number, count: number, to: Uint32Array): void {
  const stride = vga.svga_width;
  const start = vga.svga_offset + first * stride;
  const length = Math.min(count * stride, vga.vga_memory_size / 4 - start, to.length - first * stride);
  if (start < 0 || length <= 0) return;
  to.set(new Uint32Array(memory, vga.svga_memory.byteOffset + start * 4, length), first * stride);
}

/** Paints a part of v86's own picture (RGBA); returns where, or undefined when nothing of it is on the screen. */
export function paintLayer(layer: Layer, screen: ScreenSize, to: Uint32Array): Rect | undefined {
  const { data, width: stride } = layer.image_data;
  const pixels = new Uint32Array(data.buffer, data.byteOffset, data.byteLength >> 2);
  const lines = Math.floor(pixels.length / Math.max(1, stride));
  const left = Math.max(layer.screen_x, 0);
  const right = Math.min(layer.screen_x + Math.min(layer.buffer_width, stride - layer.buffer_x), screen.width);
  const top = Math.max(layer.screen_y, 0);
  const bottom = Math.min(layer.screen_y + Math.min(layer.buffer_height, lines - layer.buffer_y), screen.height);
  if (left >= right || top >= bottom || layer.buffer_y < 0) return undefined;
  for (let y = top; y < bottom; y++) {
    let from = (y - layer.screen_y + layer.buffer_y) * stride + (left - layer.screen_x + layer.buffer_x);
    let at = y * screen.width + left;
    const end = y * screen.width + right;
    while (at < end) {
      const rgba = pixels[from++]!;
      to[at++] = ((rgba & 0xff) << 16) | (rgba & 0xff00) | ((rgba >>> 16) & 0xff);
    }
  }
  return { x: left, y: top, width: right - left, height: bottom - top };
}
