import type { Server } from 'node:net';
import { messageOf } from '../../src/base/errors.js';
import type { Logger } from '../../src/base/log.js';
import { formatAddress, type ListenAddress } from '../transport/listen.js';
import { listenOnFirst, portsOf } from './ports.js';

/** A machine that is to be reached at a port of its own. */
export interface OwnPort {
  readonly machine: string;
  readonly protocol: 'rdp' | 'vnc';
  /** As its definition has it: see `portsOf`. */
  readonly ports: string;
}

interface Open {
  readonly wish: OwnPort;
  readonly server: Server;
  readonly address: ListenAddress;
}

/** The machines' own ports: open while a definition asks for them. Who comes there still logs in, and needs a role. */
export class OwnPorts {
  readonly #makeServer: (port: OwnPort) => Server;
  readonly #log: Logger;
  readonly #open = new Map<string, Open>();
  /** What could not be opened, and why: said once. */
  readonly #failed = new Map<string, string>();
  #turn: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(makeServer: (port: OwnPort) => Server, log: Logger) {
    this.#makeServer = makeServer;
    this.#log = log;
  }

  /**
   * Makes it so: closes what is not asked for any more, opens what is new, tries again what could not be opened. Never
   * rejects; a port that is in use is its machine's misfortune alone, and is told in the log.
   */
  follow(wanted: readonly OwnPort[]): Promise<void> {
    this.#turn = this.#turn.then(() => this.#follow(wanted));
    return this.#turn;
  }

  addressOf(machine: string, protocol: OwnPort['protocol']): ListenAddress | undefined {
    return this.#open.get(`${protocol} ${machine}`)?.address;
  }

  /** Connections that came there go on. */
  close(): void {
    this.#closed = true;
    for (const { server } of this.#open.values()) server.close();
    this.#open.clear();
  }

  async #follow(wanted: readonly OwnPort[]): Promise<void> {
    const byKey = new Map(wanted.map((wish) => [`${wish.protocol} ${wish.machine}`, wish]));
    for (const key of this.#failed.keys()) if (!byKey.has(key)) this.#failed.delete(key);
    for (const [key, { wish, server }] of this.#open) {
      if (byKey.get(key)?.ports === wish.ports) continue;
      this.#open.delete(key);
      server.close();
    }
    for (const [key, wish] of byKey) if (!this.#closed && !this.#open.has(key)) await this.#listen(key, wish);
  }

  async #listen(key: string, wish: OwnPort): Promise<void> {
    const { machine, protocol, ports } = wish;
    try {
      const addresses = portsOf(ports, `${protocol}Port of ${machine}`);
      const opened = await listenOnFirst(addresses, () => this.#makeServer(wish), `${protocol}Port of ${machine}`);
      if (this.#closed) {
        opened.server.close();
        return;
      }
      this.#failed.delete(key);
      this.#open.set(key, { wish, ...opened });
      this.#log.info({ machine, [protocol]: formatAddress(opened.address) }, 'a port of its own');
    } catch (error) {
      const reason = messageOf(error);
      if (this.#failed.get(key) !== reason) this.#log.warn({ machine, reason }, 'no port of its own');
      this.#failed.set(key, reason);
    }
  }
}
