import type { ManagedMachine } from './managed-machine.js';

/** Wide enough for a tile of the wall and of the picker. */
export const THUMBNAIL_WIDTH = 320;

interface Thumbnail {
  /** Of which of the machine's screens. */
  version: number;
  /** There, or on its way. */
  picture: Promise<Uint8Array | undefined> | undefined;
}

/** Small pictures of screens, made when somebody asks and kept until the screen changes. */
export class Thumbnails {
  readonly #known = new WeakMap<ManagedMachine, Thumbnail>();

  /** Changes with the picture; null where there is none. */
  version(machine: ManagedMachine): number | null {
    return machine.process.isAlive ? machine.screens : null;
  }

  /** PNG; undefined where there is no screen. Many who ask at once get the same. */
  picture(machine: ManagedMachine): Promise<Uint8Array | undefined> {
    const thumbnail = this.#of(machine);
    if (!machine.process.isAlive) return Promise.resolve(undefined);
    if (thumbnail.picture === undefined || thumbnail.version !== machine.screens) {
      thumbnail.version = machine.screens;
      thumbnail.picture = machine.process
        .request('screenshot', { maxWidth: THUMBNAIL_WIDTH })
        .then(({ png }) => Buffer.from(png, 'base64'))
        .catch(() => {
          thumbnail.picture = undefined;
          return undefined;
        });
    }
    return thumbnail.picture;
  }

  #of(machine: ManagedMachine): Thumbnail {
    let thumbnail = this.#known.get(machine);
    if (thumbnail === undefined) {
      thumbnail = { version: 0, picture: undefined };
      this.#known.set(machine, thumbnail);
    }
    return thumbnail;
  }
}
