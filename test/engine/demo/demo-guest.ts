import { until } from '../../interop/harness/wait.js';

/** A picture; a pixel is 0x00RRGGBB, row after row. */
export interface Screen {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint32Array;
}

/** The demo guest in some machine. */
export interface DemoGuest {
  readonly serial: SerialLines;
  /** A line to its serial port. */
  send(line: string): void;
  /** A key by its set 1 scan code. */
  key(code: number, down: boolean): Promise<void>;
  /** The pointer to a pixel, with the left button down or not. */
  point(x: number, y: number, left: boolean): Promise<void>;
  screen(): Promise<Screen>;
  /** 80x25 letters rather than pixels. */
  inTextMode(): Promise<boolean>;
  stop(): Promise<void>;
}

const WAIT_MS = 30_000;

/** What the guest says on its serial port, line by line. */
export class SerialLines {
  readonly all: string[] = [];
  #rest = '';
  #taken = 0;

  receive(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop()!;
    this.all.push(...lines);
  }

  /** Waits for a line, and forgets it and what came before. */
  async next(wanted: string | RegExp): Promise<string> {
    const matches = (line: string) => (typeof wanted === 'string' ? line === wanted : wanted.test(line));
    return until(
      `the guest says ${wanted}`,
      () => {
        const index = this.all.findIndex((line, i) => i >= this.#taken && matches(line));
        if (index < 0) return undefined;
        this.#taken = index + 1;
        return this.all[index];
      },
      { deadlineMs: WAIT_MS, everyMs: 10, state: () => `it said ${JSON.stringify(this.all.slice(-8))}` },
    );
  }
}

export async function press(guest: DemoGuest, ...codes: number[]): Promise<void> {
  for (const code of codes) {
    await guest.key(code, true);
    await guest.key(code, false);
  }
}

/** Waits until the guest has done, and shown, all that it was told before: it answers in between two pictures. */
export async function settled(guest: DemoGuest): Promise<void> {
  const number = String(guest.serial.all.length);
  for (const turn of ['a', 'b']) {
    guest.send(`PING ${number}${turn}`);
    await guest.serial.next(`PONG ${number}${turn}`);
  }
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The smallest box around all pixels in which two screens of one size differ; null where they are the same. */
export function difference(a: Screen, b: Screen): Box | null {
  let [left, top, right, bottom] = [a.width, a.height, -1, -1];
  for (let i = 0; i < a.pixels.length; i++) {
    if (a.pixels[i] === b.pixels[i]) continue;
    const [x, y] = [i % a.width, Math.floor(i / a.width)];
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  return right < 0 ? null : { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
}

export function pixel(screen: Screen, x: number, y: number): number {
  return screen.pixels[y * screen.width + x]!;
}
