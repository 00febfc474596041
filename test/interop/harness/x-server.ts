import { crop, type Picture } from './picture.js';
import { run } from './processes.js';

export interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** An X server that nobody looks at, for clients to have their windows on. */
export abstract class XServer {
  abstract readonly display: string;
  /** What is on its screen, without the pointer. */
  abstract picture(): Promise<Picture>;

  get env(): Record<string, string> {
    return { DISPLAY: this.display };
  }

  async pictureOf({ x, y, width, height }: Place): Promise<Picture> {
    return crop(await this.picture(), x, y, width, height);
  }

  xdotool(...args: string[]): Promise<string> {
    return run('xdotool', args, { env: this.env });
  }

  /** Ids of the windows that can be seen, of those whose names match a pattern. */
  async windows(name = '.'): Promise<string[]> {
    try {
      return (await this.xdotool('search', '--onlyvisible', '--name', name)).split('\n').filter((line) => line !== '');
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
