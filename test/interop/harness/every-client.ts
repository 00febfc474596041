import { NoVnc } from './browser.js';
import { rdesktop, vncviewer, xfreerdp } from './clients.js';
import type { DesktopClient } from './desktop-client.js';
import { isThere, type Need, X } from './requires.js';
import { PASSWORD, type Vitrine } from './vitrine.js';
import { XClient } from './x-client.js';

export interface ClientKind {
  readonly name: string;
  readonly needs: readonly Need[];
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

  get(kind: ClientKind): DesktopClient {
    const client = this.#clients.get(kind);
    if (client === undefined) throw new Error(`${kind.name} was not opened`);
    if (client instanceof Error) throw client;
    return client;
  }
}
