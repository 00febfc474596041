import type { Identity } from '../auth/credentials.js';
import { LIMITS } from '../limits.js';
import type { Reception, RouteHints } from '../session/reception.js';
import type { Session } from '../session/session.js';
import type { ReachableMachine } from './directory.js';
import type { House } from './house.js';
import type { Journal } from './journal.js';
import type { Journey } from './journey.js';
import type { Lobby } from './lobby/lobby.js';
import { type Route, route } from './route.js';

export interface FrontDeskParts {
  readonly house: House;
  readonly lobby: Lobby;
  readonly journey: Journey;
  readonly journal: Journal;
  /** Once they have logged in: all of it, which sessions are not told. */
  readonly identity: () => Identity;
  /** The machine whose own port or address they came to. */
  readonly preset: string | undefined;
}

/** Decides once where somebody goes who has logged in. From then on they decide themselves. */
export class FrontDesk implements Reception {
  readonly #parts: FrontDeskParts;
  #isDecided = false;

  constructor(parts: FrontDeskParts) {
    this.#parts = parts;
  }

  /**
   * Somebody is known before their first byte. Resolves to whether they are at a machine that runs, which then says
   * its first byte itself; otherwise they arrive as all others do.
   */
  async sendOn(): Promise<boolean> {
    const { journey, journal } = this.#parts;
    const to = this.#route({});
    if (!this.#hasRoom || to.to !== 'machine' || !isUp(to.machine)) return false;
    this.#isDecided = true;
    journal.loggedIn();
    return journey.openUnseen(to.machine.name);
  }

  async arrived(
    _session: Session,
    _identity: Identity,
    hints: RouteHints,
  ): Promise<'here' | 'gone' | { readonly refused: string }> {
    const { lobby, journey, journal } = this.#parts;
    if (this.#isDecided) return 'here';
    if (!this.#hasRoom) return { refused: 'too many sessions in your name' };
    this.#isDecided = true;
    lobby.size = hints.desktop;
    journal.loggedIn();
    const to = this.#route(hints);
    switch (to.to) {
      case 'refused':
        journal.kept(null, to.reason);
        return { refused: to.reason };
      case 'machine':
        if (isUp(to.machine)) return (await journey.openUnseen(to.machine.name)) ? 'gone' : 'here';
        void journey.open(to.machine.name);
        return 'here';
      case 'picker':
      case 'nowhere':
        lobby.showList();
        return 'here';
    }
  }

  get #hasRoom(): boolean {
    const { house, identity } = this.#parts;
    return house.visitsOf(identity().user) <= LIMITS.maxVisitsPerUser;
  }

  #route(hints: RouteHints): Route<ReachableMachine> {
    const { house, preset } = this.#parts;
    const identity = this.#parts.identity();
    const machines = house.directory.reachable(identity);
    return route({ identity, hints, machines, preset, otherwise: house.otherwise });
  }
}

function isUp({ state }: ReachableMachine): boolean {
  return state === 'running' || state === 'paused';
}
