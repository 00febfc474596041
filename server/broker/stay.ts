import type { Socket } from 'node:net';
import { messageOf } from '../../src/base/errors.js';
import { LIMITS } from '../limits.js';
import type { CloseReason } from '../session/session.js';
import type { Rights } from '../session/session-list.js';
import type { Transport } from '../transport/transport.js';
import type { SessionOrder } from './directory.js';
import type { House } from './house.js';
import { Splice } from './splice.js';

/** A process that gives a client back does so at once; the client may have to read what was sent before. */
const BACK_MS = 15_000;

export interface StayParts extends Pick<House, 'directory' | 'clock' | 'log'> {
  /** Names the session to the machine's process. */
  readonly session: string;
  readonly machine: string;
  readonly rights: Rights;
  readonly client: Transport;
  /** To the machine's process, which has been told who comes. */
  readonly link: Socket;
  /** Over, by whose doing and why; the client's transport is still open where it was not the client's. */
  readonly ended: (by: 'client' | 'machine', reason: string) => void;
}

/**
 * A client's time at a machine. Its bytes go through unread, so whatever it is to be told, the machine's process says;
 * a process that does not answer loses its client.
 */
export class Stay {
  readonly machine: string;
  readonly #parts: StayParts;
  readonly #splice: Splice;
  #rights: Rights;
  #cancel = (): void => {};
  #isReturning = false;
  /** Why they were sent away. */
  #dismissal: string | undefined;
  #over = false;

  constructor(parts: StayParts) {
    this.machine = parts.machine;
    this.#parts = parts;
    this.#rights = parts.rights;
    this.#splice = new Splice(parts.client, parts.link, parts.clock, {
      ended: (by, reason) => this.#end(by, reason),
    });
  }

  get rights(): Rights {
    return this.#rights;
  }

  /** What the person may do here at most, from now on. */
  limit(rights: Rights): void {
    if (rights === this.#rights) return;
    this.#rights = rights;
    this.#order({ op: 'limit', rights });
  }

  /** Back to the lobby. */
  sendBack(text: string): void {
    this.#order({ op: 'kick', by: 'the service', message: text });
    this.#within(LIMITS.goodbyeMs, 'it was not sent back in time');
  }

  /** Away, with its protocol's goodbye. */
  dismiss(reason: CloseReason, text: string): void {
    this.#dismissal ??= text || reason;
    this.#order({ op: 'dismiss', reason, text });
    this.#within(LIMITS.goodbyeMs, text);
  }

  /** See Splice.takeBack. */
  async takeBack(sentBytes: number): Promise<Uint8Array | undefined> {
    this.#isReturning = true;
    this.#within(BACK_MS, 'the client was lost on its way back');
    const rest = await this.#splice.takeBack(sentBytes);
    this.#cancel();
    this.#over = true;
    return rest;
  }

  close(): void {
    this.#cancel();
    this.#over = true;
    this.#splice.close();
  }

  #order(order: SessionOrder): void {
    const { directory, log, session } = this.#parts;
    directory.tell(this.machine, session, order).catch((error: unknown) => {
      // It is here again, or nearly so, and is asked about everything anew.
      if (this.#over || (this.#isReturning && order.op !== 'dismiss')) return;
      log.info({ machine: this.machine, op: order.op, reason: messageOf(error) }, 'its process does not do it');
      this.#end('machine', messageOf(error));
    });
  }

  #within(ms: number, reason: string): void {
    this.#cancel();
    this.#cancel = this.#parts.clock.after(ms, () => this.#end('machine', reason));
  }

  #end(by: 'client' | 'machine', reason: string): void {
    if (this.#over) return;
    this.close();
    this.#parts.ended(by, this.#dismissal ?? reason);
  }
}
