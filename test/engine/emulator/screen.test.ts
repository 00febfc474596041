import { expect, test } from 'vitest';
import { MAX_PIXELS } from '../../../src/display/framebuffer.js';
import { Screen, type ScreenEvents } from '../../../src/engine/emulator/screen.js';
import type { Cpu } from '../../../src/engine/emulator/v86.js';

const font = new Uint8Array(8 * 256 * 32);

function textScreen() {
  const asked: string[] = [];
  const events: ScreenEvents = {
    size: ({ width, height }) => asked.push(`${width}x${height}`),
    painted: () => {},
  };
  const screen = new Screen(new SharedArrayBuffer(MAX_PIXELS * 4), events);
  screen.attach({ devices: { vga: { screen_fill_buffer() {} } } } as unknown as Cpu);
  screen.set_font_bitmap(16, true, false, false, font, true);
  return { screen, asked };
}

test('a text screen asks for its size, and paints when it has it', () => {
  const { screen, asked } = textScreen();
  expect(screen.poll()).toBe(false);
  expect(asked).toEqual(['720x400']);
  expect(screen.poll()).toBe(false);
  screen.accept();
  expect(screen.poll()).toBe(true);
  expect(asked).toHaveLength(1);
});

test('a guest that programs more than fits is not waited for: its next size counts', () => {
  const { screen, asked } = textScreen();
  // Rows of one line while the font has 32: the registers are written one after the other.
  screen.set_font_bitmap(32, false, true, false, font, true);
  screen.set_size_text(256, 1024);
  expect(screen.poll()).toBe(false);
  expect(screen.isWaiting).toBe(false);
  screen.set_size_text(80, 25);
  expect(screen.poll()).toBe(false);
  expect(asked).toEqual(['1280x800']);
});
