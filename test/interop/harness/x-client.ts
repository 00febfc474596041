import type { DesktopClient, Point } from './desktop-client.js';
import type { Picture } from './picture.js';
import { type Exit, type Program, start } from './processes.js';
import { until } from './wait.js';
import type { Place, XServer } from './x-server.js';
import { Xvfb } from './xvfb.js';

/** Between two keys of typed text; guests under emulation are slow to take them. */
const KEY_DELAY_MS = '60';
/** After each step of a drag, in seconds: clients merge moves that come faster. */
const STEP = ['sleep', '0.06'];

export interface XClientCommand {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Written to the client at its start: the answers to its questions. */
  readonly stdin?: string;
  /** What its window's name looks like; without it the client has the X server to itself. */
  readonly window?: string;
}

/** A client with a window on an X server of its own. */
export class XClient implements DesktopClient {
  readonly name: string;
  readonly program: Program;
  readonly #x: XServer;
  readonly #windowName: string | undefined;

  private constructor(x: XServer, what: XClientCommand) {
    this.name = what.name;
    this.#x = x;
    this.#windowName = what.window;
    this.program = start(what.command, what.args, { env: { ...x.env, ...what.env } });
    if (what.stdin !== undefined) this.program.write(what.stdin);
  }

  /** Starts it, by default on an X server of its own. */
  static async start(command: XClientCommand, x?: XServer): Promise<XClient> {
    return new XClient(x ?? (await Xvfb.start()), command);
  }
  /** The same, and waits for its window. */
  static async open(command: XClientCommand, x?: XServer): Promise<XClient> {
    return (await XClient.start(command, x)).shown();
  }

  /** It ends by itself. */
  ended(deadlineMs = 30_000): Promise<Exit> {
    return until(`${this.name} ends`, () => this.program.exit, { deadlineMs, state: () => this.program.output });
  }

  async shown(deadlineMs = 20_000): Promise<this> {
    await until(`${this.name} opens its window`, () => this.place(), { deadlineMs, state: () => this.program.output });
    return this;
  }

  /** Where its window is; undefined while there is none. */
  async place(): Promise<Place | undefined> {
    return (await this.#window())?.[1];
  }

  /** The window's content; an empty picture while there is no window. */
  async picture(): Promise<Picture> {
    const place = await this.place();
    if (place === undefined) return { width: 0, height: 0, pixels: new Uint32Array() };
    return this.#x.pictureOf(place);
  }

  async press(key: string): Promise<void> {
    await this.#focus();
    await this.#x.xdotool('key', key);
  }
  async type(text: string): Promise<void> {
    await this.#focus();
    await this.#x.xdotool('type', '--delay', KEY_DELAY_MS, '--', text);
  }
  async moveTo(x: number, y: number): Promise<void> {
    const window = await this.#focus();
    await this.#x.xdotool('mousemove', '--window', window, String(x), String(y));
  }
  async click(x: number, y: number): Promise<void> {
    await this.moveTo(x, y);
    await this.#x.xdotool('mousedown', '1', 'sleep', '0.1', 'mouseup', '1');
  }
  async drag(points: readonly Point[]): Promise<void> {
    const window = await this.#focus();
    const moves = points.map(([x, y]) => ['mousemove', '--window', window, String(x), String(y), ...STEP]);
    await this.#x.xdotool(...moves[0]!, 'mousedown', '1', ...STEP, ...moves.slice(1).flat(), 'mouseup', '1');
  }
  async close(): Promise<void> {
    await this.program.stop();
  }

  /** The biggest window: clients have small ones beside it. */
  async #window(): Promise<[window: string, place: Place] | undefined> {
    if (this.program.exit !== undefined) {
      throw new Error(`${this.name} ended (${this.program.exit.code}): ${this.program.output}`);
    }
    let best: [window: string, place: Place] | undefined;
    for (const window of await this.#x.windows(this.#windowName)) {
      // It may be gone since it was listed.
      const place = await this.#x.place(window).catch(() => undefined);
      if (place === undefined) continue;
      if (best === undefined || place.width * place.height > best[1].width * best[1].height) best = [window, place];
    }
    return best;
  }
  async #focus(): Promise<string> {
    const found = await this.#window();
    if (found === undefined) throw new Error(`${this.name} has no window: ${this.program.output}`);
    await this.#x.xdotool('windowfocus', '--sync', found[0]);
    return found[0];
  }
}
