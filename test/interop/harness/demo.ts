import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { keysForCodePoint } from '../../../src/input/layout-us.js';
import { type DemoGuest, press, settled } from '../../engine/demo/demo-guest.js';
import { bootInV86 } from '../../engine/demo/guest-in-v86.js';
import { NoVnc } from './browser.js';
import type { Point } from './desktop-client.js';
import type { ClientKind } from './every-client.js';
import { crop, type Picture } from './picture.js';
import { atEnd, scratch } from './processes.js';
import { Vitrine } from './vitrine.js';

/** The Paint window's parts, and a place where the pointer is in nobody's way, at 1024x768. */
export const CANVAS = { x: 560, y: 192, width: 392, height: 400 } as const;
export const CLEAR: Point = [920, 169];
export const SWATCHES = ['ink', 'blue', 'green', 'orange', 'red', 'violet'] as const;
export const ASIDE: Point = [20, 20];
const [FIRST_SWATCH, SWATCH_STEP]: [Point, number] = [[572, 169], 34];

/** So many times Enter leaves nothing in the text field. */
export const TEXT_LINES = 4;

/** The task bar says who is connected and what time it is. */
const TASK_BAR_HEIGHT = 42;
const CLOCK_WIDTH = 170;

// Set 1 scan codes; F1 to F10 follow one another.
const [ENTER, SHIFT, F1] = [0x1c, 0x2a, 0x3b];

export function swatch(colour: (typeof SWATCHES)[number]): Point {
  return [FIRST_SWATCH[0] + SWATCHES.indexOf(colour) * SWATCH_STEP, FIRST_SWATCH[1]];
}

/** The demo as anybody starts it, on a machine where no program but node can be found. */
export function startDemo(): Promise<Vitrine> {
  const path = scratch();
  symlinkSync(process.execPath, join(path, 'node'));
  return Vitrine.start(['--demo'], { env: { PATH: path } });
}

/** The banner's link that logs in by itself. */
export function ticketLink({ program }: Vitrine): string {
  const link = /http:\S+#ticket=\S+/.exec(program.stdout)?.[0];
  if (link === undefined) throw new Error(`no link in the banner: ${program.stdout}`);
  return link;
}

export const BY_LINK: ClientKind = {
  name: 'noVNC',
  needs: ['chromium'],
  open: async (vitrine) => (await NoVnc.open(ticketLink(vitrine))).shown(),
};

export function withoutTaskBar(picture: Picture): Picture {
  return crop(picture, 0, 0, picture.width, picture.height - TASK_BAR_HEIGHT);
}

/** In the scene of F10: where the clock would be, each row has one colour. */
export function hasNoClock({ width, height, pixels }: Picture): boolean {
  for (let y = height - TASK_BAR_HEIGHT; y < height; y++) {
    const row = pixels.subarray(y * width + width - CLOCK_WIDTH, (y + 1) * width);
    if (row.some((pixel) => pixel !== row[0])) return false;
  }
  return true;
}

/** The same guest with no vitrine around it: it says what it was told, and what that looks like. */
export class DemoReference {
  readonly #guest: DemoGuest;
  #pointer = '';

  private constructor(guest: DemoGuest) {
    this.#guest = guest;
  }

  /** In the scene of F10. */
  static async boot(): Promise<DemoReference> {
    const guest = await bootInV86();
    atEnd(() => guest.stop());
    await guest.serial.next('MOUSE absolute');
    const reference = new DemoReference(guest);
    await reference.functionKey(10);
    await guest.serial.next('SCENE idle');
    await reference.moveTo(...ASIDE);
    return reference;
  }

  /** Once it has done, and shown, all that it was told. */
  async picture(): Promise<Picture> {
    await settled(this.#guest);
    return this.#guest.screen();
  }

  functionKey(number: number): Promise<void> {
    return press(this.#guest, F1 + number - 1);
  }

  /** Resolves with the line as the guest says it is then. */
  async type(text: string): Promise<string> {
    let line = '';
    for (const character of text) {
      const { code, shift } = keysForCodePoint(character.codePointAt(0)!)!;
      if (shift) await this.#guest.key(SHIFT, true);
      await press(this.#guest, code);
      if (shift) await this.#guest.key(SHIFT, false);
      line = await this.#guest.serial.next(/^TEXT /);
    }
    return line.slice('TEXT '.length);
  }

  async clearText(): Promise<void> {
    for (let i = 0; i < TEXT_LINES; i++) {
      await press(this.#guest, ENTER);
      await this.#guest.serial.next('TEXT ');
    }
  }

  async moveTo(x: number, y: number): Promise<void> {
    await this.#point([x, y], false);
  }

  async drag(points: readonly Point[]): Promise<void> {
    await this.#point(points[0]!, false);
    for (const point of points) await this.#point(point, true);
    await this.#point(points.at(-1)!, false);
  }

  /** Resolves when the guest says that its pointer is there. */
  async #point([x, y]: Point, left: boolean): Promise<void> {
    const place = `POINTER ${x} ${y} ${left ? 1 : 0}`;
    // Of a pointer that stays where it is it says nothing.
    if (place === this.#pointer) return;
    await this.#guest.point(x, y, left);
    await this.#guest.serial.next(place);
    this.#pointer = place;
  }
}
