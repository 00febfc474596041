import { NoVnc } from './browser.js';
import { rdesktop, vncviewer, xfreerdp } from './clients.js';
import { type SameOptions, untilSame } from './compare.js';
import type { DesktopClient } from './desktop-client.js';
import { crop, type Picture } from './picture.js';
import { isThere, type Need, X } from './requires.js';
import { PASSWORD, type Vitrine } from './vitrine.js';
import { XClient } from './x-client.js';

export interface ClientKind {
  readonly name: string;
  readonly needs: readonly Need[];
  /** Its window keeps a size of its own; the guest is in the window's upper left corner. */
  readonly keepsWindow?: boolean;
  /** Connects it with the right password; resolves when it shows something. */
  open(vitrine: Vitrine): Promise<DesktopClient>;
}

export const XFREERDP: ClientKind = {
  name: 'xfreerdp',
  needs: [...X, 'xfreerdp'],
  open: ({ rdp, login }) => XClient.open(xfreerdp(rdp, login)),
};
export const RDESKTOP: ClientKind = {
  name: 'rdesktop',
  needs: [...X, 'rdesktop'],
  // It gives up following once it was not given the size that it had asked for at first.
  keepsWindow: true,
  open: ({ rdp, login }) => XClient.open(rdesktop(rdp, login)),
};
export const VNCVIEWER: ClientKind = {
  name: 'vncviewer',
  needs: [...X, 'vncviewer', 'tigervncpasswd'],
  open: ({ vnc }) => XClient.open(vncviewer(vnc, PASSWORD)),
};
export const NOVNC: ClientKind = {
  name: 'noVNC',
  needs: ['chromium'],
  open: async ({ ready }) => (await NoVnc.open(`http://${ready.http}/`, PASSWORD)).shown(),
};

export const EVERY_CLIENT = [XFREERDP, RDESKTOP, VNCVIEWER, NOVNC];

/** Several clients at one machine. One that cannot connect fails where it is asked for, not where all are opened. */
export class Clients {
  readonly #clients = new Map<ClientKind, DesktopClient | Error>();

  static async open(vitrine: Vitrine, kinds: readonly ClientKind[]): Promise<Clients> {
    const clients = new Clients();
    for (const kind of kinds.filter(({ needs }) => needs.every(isThere))) {
      clients.#clients.set(kind, await kind.open(vitrine).catch((error: Error) => error));
    }
    return clients;
  }

  /** Whether it was opened, connected or not. */
  has(kind: ClientKind): boolean {
    return this.#clients.has(kind);
  }

  get(kind: ClientKind): DesktopClient {
    const client = this.#clients.get(kind);
    if (client === undefined) throw new Error(`${kind.name} was not opened`);
    if (client instanceof Error) throw client;
    return client;
  }
}

/** Waits until a client shows what is expected. */
export function untilShown(
  what: string,
  clients: Clients,
  kind: ClientKind,
  takeExpected: () => Promise<Picture> | Picture,
  options: SameOptions = {},
): Promise<Picture> {
  let size = { width: 0, height: 0 };
  const expected = async () => {
    const picture = await takeExpected();
    size = picture;
    return picture;
  };
  const actual = async () => {
    const picture = await clients.get(kind).picture();
    return kind.keepsWindow ? crop(picture, 0, 0, size.width, size.height) : picture;
  };
  return untilSame(`${what} in ${kind.name}`, actual, expected, options);
}
