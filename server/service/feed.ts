import { Emitter } from '../../src/base/events.js';
import type { MachineConfig } from '../../src/catalog/config.js';
import type { EventFeed } from '../api/events.js';
import type { ServiceEvent } from '../api/views.js';
import { machineView } from './machine-view.js';
import type { ManagedMachine } from './managed-machine.js';
import type { MachineEvent, Service } from './service.js';
import { sessionsAt } from './sessions.js';
import type { Thumbnails } from './thumbnails.js';

/** What happens to machines, as the API tells it. Changes of one turn are told once. */
export class ServiceFeed implements EventFeed {
  readonly onEvent = new Emitter<ServiceEvent>();
  readonly #service: Service;
  readonly #thumbnails: Thumbnails;
  readonly #engineOf: (config: MachineConfig | undefined) => string;
  readonly #due = new Set<string>();

  constructor(service: Service, thumbnails: Thumbnails, engineOf: (config: MachineConfig | undefined) => string) {
    this.#service = service;
    this.#thumbnails = thumbnails;
    this.#engineOf = engineOf;
    service.onMachine.on((event) => this.#handle(event));
  }

  current(): readonly ServiceEvent[] {
    return this.#service.machines.flatMap((machine) => {
      const events: ServiceEvent[] = [this.#view(machine)];
      const version = this.#thumbnails.version(machine);
      if (version !== null) events.push({ type: 'screen', machine: machine.name, version });
      if (machine.process.sessions.length > 0) events.push(sessionsOf(machine));
      return events;
    });
  }

  #handle({ type, machine: name }: MachineEvent): void {
    if (type === 'gone') {
      this.onEvent.emit({ type: 'machine-gone', name });
      return;
    }
    const machine = this.#service.machine(name);
    if (type === 'screen') {
      const version = this.#thumbnails.version(machine);
      if (version !== null) this.onEvent.emit({ type: 'screen', machine: name, version });
      return;
    }
    if (type === 'sessions') this.onEvent.emit(sessionsOf(machine));
    if (this.#due.has(name)) return;
    this.#due.add(name);
    setImmediate(() => {
      this.#due.delete(name);
      if (this.#service.machines.includes(machine)) this.onEvent.emit(this.#view(machine));
    });
  }

  /** As an administrator sees it; the role is filled in for each reader. */
  #view(machine: ManagedMachine): ServiceEvent {
    return { type: 'machine', machine: machineView(machine, 'admin', this.#engineOf) };
  }
}

function sessionsOf(machine: ManagedMachine): ServiceEvent {
  return { type: 'sessions', machine: machine.name, sessions: sessionsAt(machine) };
}
