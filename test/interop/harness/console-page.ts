import type { BrowserContextOptions, Page } from 'playwright-core';
import { openPage } from './browser.js';

/** What Chromium says of a request that asks who one is before one has logged in. */
const NOT_LOGGED_IN = /the server responded with a status of 401/;
/** A machine may stop between being told of a new picture and asking for it. */
const TOO_LATE = /\/screenshot\?.*version=/;
const NETWORK = /net::ERR_|Failed to load resource|Failed when connecting/;

/** The service's web console as somebody uses it. `complaints` is what the browser has found wrong with it. */
export class ConsolePage {
  readonly page: Page;
  readonly complaints: string[] = [];
  /** While the service is away, what cannot be loaded is no fault of the page. */
  isServiceAway = false;

  private constructor(page: Page) {
    this.page = page;
    page.on('pageerror', (error) => this.complaints.push(error.stack ?? error.message));
    page.on('console', (message) => {
      const text = message.text();
      if (message.type() !== 'error') return;
      if (
        NOT_LOGGED_IN.test(text) ||
        TOO_LATE.test(message.location().url) ||
        (this.isServiceAway && NETWORK.test(text))
      )
        return;
      this.complaints.push(text);
    });
  }

  static async open(url: string, options: BrowserContextOptions = {}): Promise<ConsolePage> {
    const console = new ConsolePage(await openPage({ viewport: { width: 1440, height: 900 }, ...options }));
    await console.page.goto(url);
    return console;
  }

  async logIn(user: string, password: string): Promise<this> {
    await this.page.getByLabel('User').fill(user);
    await this.page.getByLabel('Password').fill(password);
    await this.page.keyboard.press('Enter');
    await this.page.getByRole('navigation', { name: 'Pages' }).waitFor();
    return this;
  }

  /** In the page's address: '#/machines/desk-1/snapshots'. */
  async go(...parts: readonly string[]): Promise<void> {
    await this.page.evaluate(
      (hash) => {
        location.hash = hash;
      },
      `#/${parts.join('/')}`,
    );
  }

  tile(machine: string) {
    return this.page.locator(`[data-machine="${machine}"]`);
  }

  thumbnail(machine: string) {
    return this.tile(machine).locator('img');
  }

  /** Where the picture of a tile comes from, once it has pixels. */
  async shownThumbnail(machine: string): Promise<string | false> {
    const image = this.thumbnail(machine);
    return image.evaluate((element) => {
      const { complete, naturalWidth, src, hidden } = element as HTMLImageElement;
      return complete && naturalWidth > 0 && !hidden && src;
    });
  }

  /** Presses a button without a mouse, which would move the guest's pointer later. */
  async press(name: string | RegExp, within: 'dialog' | 'aside' | '.console' | 'body' = 'body'): Promise<void> {
    const control = this.page
      .locator(within)
      .getByRole('button', { name, exact: typeof name === 'string' })
      .first();
    await control.focus();
    await this.page.keyboard.press('Enter');
  }
}
