import type { Picture } from './picture.js';
import { until } from './wait.js';

/** The text screen. QEMU's cursor blinks; that of GRUB's graphical terminal does not. */
const TEXT = { width: 720, height: 400 } as const;

/** A way to a guest's screen and keyboard that is not the one under test. Keys go by QEMU's names. */
export interface Hands {
  screen(): Promise<Picture>;
  /** Down together, then up. */
  press(...qcodes: string[]): Promise<void>;
  type(text: string): Promise<void>;
}

/** GRUB's rescue shell, led past the client under test: what it shows is known without looking through that. */
export class Grub {
  readonly #hands: Hands;
  /** An empty command line on the graphical terminal. */
  #prompt: Picture | undefined;

  constructor(hands: Hands) {
    this.#hands = hands;
  }

  screen(): Promise<Picture> {
    return this.#hands.screen();
  }

  inMode(width: number, height: number): Promise<Picture> {
    return until(
      `the guest's screen is ${width}x${height}`,
      async () => {
        const picture = await this.screen();
        return picture.width === width && picture.height === height ? picture : undefined;
      },
      { deadlineMs: 30_000 },
    );
  }

  async atMenu(): Promise<void> {
    await until('GRUB shows its menu', async () => showsMenu(await this.screen()), { deadlineMs: 60_000 });
    // Stops the countdown: it would boot, and it changes the screen each second.
    await this.#hands.press('down');
  }

  async enter(line: string): Promise<void> {
    await this.#hands.type(line);
    await this.#hands.press('ret');
  }

  /** From the menu to an empty line on the graphical terminal. */
  async toGraphics(width: number, height: number): Promise<void> {
    await this.#hands.press('c');
    await until('the menu has gone', async () => !showsMenu(await this.screen()));
    await this.enter(`insmod all_video; loadfont unicode; set gfxmode=${width}x${height}; terminal_output gfxterm`);
    // An empty screen after one that is not: else nothing would tell that the command has run.
    const first = await this.inMode(width, height);
    await this.enter('echo here');
    const written = await this.#settled(first);
    await this.enter('clear');
    this.#prompt = await this.#settled(written);
  }

  /** How the command line looks when `text` is typed past the client under test; it is empty again afterwards. */
  async typed(text: string): Promise<Picture> {
    // What an earlier test may have left there.
    await this.clearLine();
    await this.#hands.type(text);
    const picture = await this.#settled(this.#prompt!);
    await this.clearLine();
    return picture;
  }

  async clearLine(): Promise<void> {
    await this.#hands.press('ctrl', 'u');
    await until('the line is empty', async () => samePixels(await this.screen(), this.#prompt!));
  }

  /** The screen once it differs from `before` and stands still. */
  #settled(before: Picture): Promise<Picture> {
    let last = before;
    const probe = async () => {
      const picture = await this.screen();
      const still = samePixels(picture, last) && !samePixels(picture, before);
      last = picture;
      return still ? picture : undefined;
    };
    return until('the guest has drawn what was typed', probe, { everyMs: 400 });
  }
}

/** The menu is the only thing in text mode with a line across the whole screen. */
function showsMenu({ width, height, pixels }: Picture): boolean {
  if (width !== TEXT.width || height !== TEXT.height) return false;
  for (let y = 0; y < height; y++) {
    const lit = pixels.subarray(y * width, (y + 1) * width).reduce((sum, pixel) => sum + (pixel === 0 ? 0 : 1), 0);
    if (lit > width * 0.8) return true;
  }
  return false;
}

function samePixels(a: Picture, b: Picture): boolean {
  return a.width === b.width && Buffer.from(a.pixels.buffer).equals(Buffer.from(b.pixels.buffer));
}
