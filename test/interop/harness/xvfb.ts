import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crop, fromXwd, type Picture } from './picture.js';
import { type Program, run, scratch, start } from './processes.js';
import { until } from './wait.js';

export interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** An X server without a screen, with a free display number of its own. One client lives in it. */
export class Xvfb {
  readonly display: string;
  readonly #folder: string;

  private constructor(display: string, folder: string) {
    this.display = display;
    this.#folder = folder;
  }

  /** `-nocursor` keeps the client's own pointer out of the pictures. */
  static async start(width = 1936, height = 1120): Promise<Xvfb> {
    const folder = scratch();
    let number = '';
    const screen = ['-screen', '0', `${width}x${height}x24`, '-fbdir', folder, '-nocursor'];
    const server = start('Xvfb', ['-displayfd', '3', ...screen, '-nolisten', 'tcp', '-noreset'], {
      onFd3: (text) => {
        number += text;
      },
    });
    await until('Xvfb says its display number', () => number.endsWith('\n') || failed(server), { deadlineMs: 30_000 });
    return new Xvfb(`:${number.trim()}`, folder);
  }

  get env(): Record<string, string> {
    return { DISPLAY: this.display };
  }

  /** What is on the screen now: the file is the X server's frame buffer itself. */
  async picture(): Promise<Picture> {
    return fromXwd(await readFile(join(this.#folder, 'Xvfb_screen0')));
  }

  async pictureOf(place: Place): Promise<Picture> {
    return crop(await this.picture(), place.x, place.y, place.width, place.height);
  }

  xdotool(...args: string[]): Promise<string> {
    return run('xdotool', args, { env: this.env });
  }

  /** Ids of the windows that can be seen. */
  async windows(): Promise<string[]> {
    try {
      return (await this.xdotool('search', '--onlyvisible', '--name', '.')).split('\n').filter((line) => line !== '');
    } catch {
      // xdotool fails when it finds none.
      return [];
    }
  }

  async place(window: string): Promise<Place> {
    const text = await this.xdotool('getwindowgeometry', '--shell', window);
    const value = (name: string) => Number(new RegExp(`^${name}=(-?\\d+)$`, 'm').exec(text)?.[1]);
    return { x: value('X'), y: value('Y'), width: value('WIDTH'), height: value('HEIGHT') };
  }
}

function failed(server: Program): false {
  if (server.exit !== undefined) throw new Error(`Xvfb ended: ${server.output}`);
  return false;
}
