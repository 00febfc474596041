import type { Socket } from 'node:net';
import { messageOf, Problem } from '../../src/base/errors.js';
import type { Identity } from '../auth/credentials.js';
import type { Departure } from '../session/departure.js';
import type { Rights } from '../session/session-list.js';
import type { House } from './house.js';
import type { Lobby } from './lobby/lobby.js';
import { connectMachine, departWhenReady } from './machine-link.js';

/** A machine that runs is shown without a word of the broker's before it, if it can be had within this time. */
const UNSEEN_MS = 1_500;

/** The one who travels. */
export interface Traveller {
  /** Once they have logged in. */
  readonly identity: () => Identity;
  /** Gives the client away, where that is possible at this moment. */
  readonly letGo: () => Departure | undefined;
  /** Goes on with it at a machine, whose process waits at `link` for its first line. */
  readonly enter: (machine: string, rights: Rights, link: Socket, departure: Departure) => void;
  /** They may not, or cannot. */
  readonly failed: (machine: string, reason: string) => void;
}

/** From the lobby to a machine: has it running, connects to its process, and leaves. One attempt at a time. */
export class Journey {
  readonly #house: House;
  readonly #lobby: Lobby;
  readonly #traveller: Traveller;
  #attempt = new AbortController();

  constructor(house: House, lobby: Lobby, traveller: Traveller) {
    this.#house = house;
    this.#lobby = lobby;
    this.#traveller = traveller;
  }

  /** Resolves to whether they are there within the time in which nothing has to be shown. */
  async openUnseen(name: string): Promise<boolean> {
    let cancel = (): void => {};
    const late = new Promise<false>((resolve) => {
      cancel = this.#house.clock.after(UNSEEN_MS, () => resolve(false));
    });
    const gone = await Promise.race([this.open(name), late]);
    cancel();
    return gone;
  }

  /** Resolves to whether they are there. What goes wrong is shown. */
  async open(name: string): Promise<boolean> {
    this.giveUp();
    const { signal } = this.#attempt;
    this.#lobby.showStarting(name);
    let link: Socket | undefined;
    try {
      const { machine, socket } = await this.#house.directory.wake(name, this.#traveller.identity(), signal);
      this.#mustBeAllowed(machine);
      link = await connectMachine(socket, machine, signal);
      await this.#depart(machine, link, signal);
      return true;
    } catch (error) {
      link?.destroy();
      if (signal.aborted) return false;
      const reason = messageOf(error);
      this.#traveller.failed(name, reason);
      this.#lobby.showFailed(name, reason);
      return false;
    }
  }

  /** Whatever is being tried is given up. */
  giveUp(): void {
    this.#attempt.abort(new Error('given up'));
    this.#attempt = new AbortController();
  }

  /** Null where nobody can tell. */
  rightsAt(machine: string): Rights | null | undefined {
    const identity = this.#traveller.identity();
    const role = this.#house.directory.roleAt(identity, machine);
    return role && (role === 'view' ? 'view' : (identity.rights ?? 'control'));
  }

  async #depart(machine: string, link: Socket, signal: AbortSignal): Promise<void> {
    let rights: Rights;
    const letGo = (): Departure | undefined => {
      rights = this.#mustBeAllowed(machine);
      return this.#traveller.letGo();
    };
    const take = (departure: Departure): void => this.#traveller.enter(machine, rights, link, departure);
    await departWhenReady(letGo, take, this.#house.clock, signal);
  }

  /** It may have changed while the machine was started. */
  #mustBeAllowed(machine: string): Rights {
    const rights = this.rightsAt(machine);
    if (rights == null) throw new Problem('no-such-machine', `${machine} is not yours any more`);
    return rights;
  }
}
