import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fromXwd, type Picture } from './picture.js';
import { scratch, start } from './processes.js';
import { until } from './wait.js';
import { XServer } from './x-server.js';

/** Xvfb with a free display number of its own. */
export class Xvfb extends XServer {
  readonly display: string;
  readonly #folder: string;

  private constructor(display: string, folder: string) {
    super();
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
    await until('Xvfb says its display number', () => number.endsWith('\n'), {
      deadlineMs: 30_000,
      state: () => server.output,
    });
    return new Xvfb(`:${number.trim()}`, folder);
  }

  /** The file is the X server's frame buffer itself. */
  async picture(): Promise<Picture> {
    return fromXwd(await readFile(join(this.#folder, 'Xvfb_screen0')));
  }
}
