import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import type { DesktopClient, Point } from './desktop-client.js';
import { blank, fromPng, type Picture } from './picture.js';
import { atEnd } from './processes.js';
import { keyFor } from './us-keyboard.js';
import { pause, until } from './wait.js';

export const CHROMIUM = '/usr/bin/chromium';
const ARGS = [
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-quic',
  '--no-first-run',
];
const KEY_DELAY_MS = 60;
/** After each step of a drag: noVNC merges moves that come faster. */
const STEP_MS = 60;
/** What a canvas without pixels gives: noVNC has one before it is connected. */
const NOTHING = 'data:,';
/** X names of keys that browsers call otherwise. */
const NAMES: Readonly<Record<string, string>> = { Down: 'ArrowDown', Up: 'ArrowUp', Return: 'Enter' };

let browser: Promise<Browser> | undefined;

async function launch(): Promise<Browser> {
  const launched = await chromium.launch({ executablePath: CHROMIUM, args: ARGS });
  atEnd(async () => {
    browser = undefined;
    await launched.close();
  });
  return launched;
}

/** A page of its own login in a Chromium without a screen, shared by the tests of a file. */
export async function openPage(options: BrowserContextOptions): Promise<Page> {
  browser ??= launch();
  return (await (await browser).newContext(options)).newPage();
}

/** noVNC as vitrine's web page has it, in a Chromium without a screen. */
export class NoVnc implements DesktopClient {
  readonly name = 'noVNC';
  readonly page: Page;

  private constructor(page: Page) {
    this.page = page;
  }

  /** Opens the page. `password` is typed into its form; undefined leaves that to the caller. */
  static async open(url: string, password?: string): Promise<NoVnc> {
    const page = await openPage({ viewport: { width: 1936, height: 1200 }, ignoreHTTPSErrors: true });
    await page.goto(url);
    const client = new NoVnc(page);
    if (password !== undefined) await client.login(password);
    return client;
  }

  /** noVNC in a page that has it already. */
  static at(page: Page): NoVnc {
    return new NoVnc(page);
  }

  async login(password: string): Promise<void> {
    const field = this.page.locator('input[type=password]');
    await field.waitFor({ state: 'visible' });
    await field.fill(password);
    await field.press('Enter');
  }

  async shown(deadlineMs = 20_000): Promise<this> {
    const canvas = async () => (await this.picture()).width > 0;
    await until('noVNC has a canvas', canvas, { deadlineMs, state: () => this.page.locator('body').ariaSnapshot() });
    return this;
  }

  async picture(): Promise<Picture> {
    const canvas = this.page.locator('canvas').first();
    const url =
      (await canvas.count()) === 0
        ? NOTHING
        : await canvas.evaluate((element) => (element as HTMLCanvasElement).toDataURL('image/png'));
    if (url === NOTHING) return blank(0, 0);
    return fromPng(Buffer.from(url.slice(url.indexOf(',') + 1), 'base64'));
  }

  async press(key: string): Promise<void> {
    await this.#focus();
    await this.page.keyboard.press(NAMES[key] ?? key);
  }
  async type(text: string): Promise<void> {
    await this.#focus();
    const { keyboard } = this.page;
    for (const character of text) {
      const { code, shift } = keyFor(character);
      if (shift) await keyboard.down('Shift');
      // By its place: with Shift held this is the shifted character, as on a real keyboard.
      await keyboard.press(code);
      if (shift) await keyboard.up('Shift');
      await pause(KEY_DELAY_MS);
    }
  }
  async moveTo(x: number, y: number): Promise<void> {
    const at = await this.#position(x, y);
    await this.page.mouse.move(at.x, at.y);
  }
  async click(x: number, y: number): Promise<void> {
    const at = await this.#position(x, y);
    await this.page.mouse.click(at.x, at.y, { delay: 100 });
  }
  async drag(points: readonly Point[]): Promise<void> {
    const { mouse } = this.page;
    for (const [i, [x, y]] of points.entries()) {
      await this.moveTo(x, y);
      if (i === 0) await mouse.down();
      await pause(STEP_MS);
    }
    await mouse.up();
  }
  async close(): Promise<void> {
    await this.page.context().close();
  }

  async #focus(): Promise<void> {
    await this.page.locator('canvas').first().focus();
  }

  /** Where a guest's pixel is on the page: the canvas may be scaled to the window. */
  async #position(x: number, y: number): Promise<{ x: number; y: number }> {
    const canvas = this.page.locator('canvas').first();
    const box = (await canvas.boundingBox())!;
    const size = await canvas.evaluate((element) => {
      const { width, height } = element as HTMLCanvasElement;
      return { width, height };
    });
    // Mouse events carry whole pixels of the page: the one nearest to the middle, so that it is not cut off to another.
    const nearest = (start: number, position: number, scale: number) =>
      Math.ceil(start + (position + 0.5) * scale - 0.5);
    return { x: nearest(box.x, x, box.width / size.width), y: nearest(box.y, y, box.height / size.height) };
  }
}
