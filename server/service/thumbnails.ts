import type { ManagedMachine } from './managed-machine.js';

/** Wide enough for a tile of the wall and of the picker. */
export const THUMBNAIL_WIDTH = 320;

interface Thumbnail {
  version: number;
  /** The picture of `pictured`, or on its way. */
  picture: Promise<Uint8Array | undefined> | undefined;
  pictured: number;
}

/** Small pictures of screens, made when somebody asks and kept until the screen changes. */
export class Thumbnails {
  readonly #known = new WeakMap<ManagedMachine, Thumbnail>();

  /** Changes with the picture; null where there is none. */
  version(machine: ManagedMachine): number | null {
    return machine.process.isAlive ? this.#of(machine).version : null;
  }

  /** The screen has another picture now. */
  changed(machine: ManagedMachine): void {
    this.#of(machine).version++;
  }

  /** PNG; undefined where there is no screen. Many who ask at once get the same. */
  picture(machine: ManagedMachine): Promise<Uint8Array | undefined> {
    const thumbnail = this.#of(machine);
    if (!machine.process.isAlive) return Promise.resolve(undefined);
    if (thumbnail.picture === undefined || thumbnail.pictured !== thumbnail.version) {
      thumbnail.pictured = thumbnail.version;
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
      thumbnail = { version: 1, picture: undefined, pictured: 0 };
      this.#known.set(machine, thumbnail);
    }
    return thumbnail;
  }
}
