import { Problem } from '../../src/base/errors.js';
import type { SessionView } from '../api/views.js';
import type { Broker } from '../broker/broker.js';
import type { ManagedMachine } from './managed-machine.js';
import type { ConnectedSessions } from './operations/parts.js';
import type { Service } from './service.js';

/** Everybody who has logged in: those in the broker's lobby, and those at the machines. */
export class Sessions implements ConnectedSessions {
  readonly #service: Service;
  readonly #broker: Broker;

  constructor(service: Service, broker: Broker) {
    this.#service = service;
    this.#broker = broker;
  }

  list(): readonly SessionView[] {
    const waiting = this.#broker.visits.map((visit) => ({
      ...visit,
      via: visit.via as SessionView['via'],
      machine: null,
      sentBytes: 0,
      updates: 0,
      rttMs: null,
    }));
    return [...waiting, ...this.#service.machines.flatMap(sessionsAt)];
  }

  async kick({ id, machine }: SessionView, by: string, text: string): Promise<void> {
    if (machine === null) this.#broker.end(id, 'kicked', text);
    else {
      const { process } = this.#service.machine(machine);
      await process.request('kick', { session: id, by, message: text }).catch((error: unknown) => {
        // A process that is stuck keeps nobody.
        const isStuck = error instanceof Problem && error.code === 'failed';
        if (!(isStuck && this.#broker.cut(id, text))) throw error;
      });
    }
  }
}

export function sessionsAt(machine: ManagedMachine): SessionView[] {
  return machine.process.sessions.map(({ session, via, rttMs, ...rest }) => ({
    ...rest,
    id: session,
    machine: machine.name,
    via: via as SessionView['via'],
    rttMs: rttMs ?? null,
  }));
}
