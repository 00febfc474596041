import type { Machine } from '../../../src/machine/machine.js';
import type { Identity } from '../../auth/credentials.js';
import type { CloseReason } from '../../session/session.js';
import type { House } from '../house.js';
import type { LobbySize } from './engine.js';
import { List } from './list.js';
import { failedNotice, momentNotice, type NoticeDoors, returnedNotice, startingNotice } from './notices.js';
import { Stage } from './stage.js';

/** The one who is in the lobby, and what they may want from there. */
export interface LobbyPerson {
  /** Once they have logged in. */
  readonly identity: () => Identity;
  readonly open: (machine: string) => void;
  /** To the list; whatever was tried is given up. */
  readonly list: () => void;
  readonly logOut: (why: string) => void;
}

/** What one client sees of the broker: the list of machines, and notices on the way to them and back. */
export class Lobby {
  readonly #house: House;
  readonly #person: LobbyPerson;
  readonly #stage: Stage;

  constructor(house: House, person: LobbyPerson) {
    this.#house = house;
    this.#person = person;
    this.#stage = new Stage(house.title, house.clock, momentNotice(), () => person.logOut('nobody was there'));
  }

  /** Made when somebody looks, and again for whoever does after a `close`. */
  get machine(): Machine {
    return this.#stage.machine;
  }

  /** The desktop that the client has asked for. */
  set size(size: LobbySize | undefined) {
    this.#stage.size = size;
  }

  showList(): void {
    const { directory } = this.#house;
    const { identity, open } = this.#person;
    const who = identity();
    this.#stage.show(
      new List(this.#house, {
        user: who.user,
        machines: () => directory.reachable(who),
        choose: ({ name }) => open(name),
        logOut: () => this.#logOut(),
      }),
    );
  }

  showStarting(machine: string): void {
    const known = this.#house.directory.reachable(this.#person.identity()).find(({ name }) => name === machine);
    // Nobody could tell those who were there when it fell: their streams were cut. They are told when they come back.
    const fall = known?.state === 'crashed' ? known.reason : null;
    this.#stage.show(startingNotice(machine, fall ?? '', this.#doors(machine)));
  }

  showFailed(machine: string, reason: string): void {
    this.#stage.show(failedNotice(machine, reason, this.#doors(machine)));
  }

  showReturned(machine: string, reason: CloseReason, text: string): void {
    this.#stage.show(returnedNotice(reason, text, machine, this.#doors(machine)));
  }

  /** Nobody looks any more. */
  close(): void {
    this.#stage.close();
  }

  #doors(machine: string): NoticeDoors {
    const { open, list } = this.#person;
    return { open: () => open(machine), list, logOut: () => this.#logOut() };
  }

  #logOut(): void {
    this.#person.logOut('logged out');
  }
}
