import { expect } from 'vitest';
import type { PixelFormat } from '../../../protocols/rfb/pixel-format.js';
import { FORMATS } from '../../encode/rfb-content.js';
import { expectedPixels } from '../../encode/rfb-decoders.js';
import type { House } from './fixture.js';
import type { Viewer } from './viewer.js';

/** Long enough for an update that can come to have come. */
export const settle = () => new Promise((resolve) => setTimeout(resolve, 25));

/** The viewer shows what the guest does. */
export function expectInSync(viewer: Viewer, house: House, format?: PixelFormat): void {
  const { display } = house.machine;
  expect([viewer.width, viewer.height]).toEqual([display.width, display.height]);
  expect(firstDifference(viewer, house, format)).toBe(-1);
}

/**
 * Takes updates until the viewer shows what the guest does, and asks for the next one after each. One has been asked
 * for: as long as there is a difference, an update comes.
 */
export async function follow(viewer: Viewer, house: House, format?: PixelFormat): Promise<void> {
  const { display } = house.machine;
  const isSized = (): boolean => viewer.width === display.width && viewer.height === display.height;
  while (!isSized() || firstDifference(viewer, house, format) !== -1) {
    await viewer.update();
    viewer.request(true);
  }
}

function firstDifference(viewer: Viewer, house: House, format: PixelFormat = FORMATS.BGRX!): number {
  const { display } = house.machine;
  const screen = { x: 0, y: 0, width: display.width, height: display.height };
  const expected = expectedPixels(display.framebuffer, screen, format);
  return viewer.pixels.findIndex((pixel, i) => pixel !== expected[i]);
}

/** Asks until nothing more comes. */
export async function catchUp(viewer: Viewer): Promise<void> {
  for (;;) {
    viewer.request(true);
    await settle();
    if (viewer.unread === 0) return;
    await viewer.update();
  }
}
