import type { ServerResponse } from 'node:http';
import type { Clock } from '../../src/base/clock.js';
import type { Emitter } from '../../src/base/events.js';
import { includesRole, type Role } from '../../src/catalog/config.js';
import { LIMITS } from '../limits.js';
import type { RoleOf } from './access.js';
import type { Caller } from './operation-types.js';
import { HttpProblem } from './problem.js';
import type { ServiceEvent } from './views.js';

/** What happens, for everybody: each stream takes out of it what its reader may know. */
export interface EventFeed {
  /** Everything as it is now: what one must have been told to make sense of what follows. */
  current(): readonly ServiceEvent[];
  readonly onEvent: Emitter<ServiceEvent>;
}

export interface EventParts {
  readonly events: EventFeed;
  readonly roleOf: RoleOf;
  readonly clock: Clock;
}

/** Server-sent events: a stream begins with everything as it is, then `ready`, then what changes. */
export class EventStreams {
  readonly #parts: EventParts;
  /** Who reads each one. */
  readonly #streams = new Map<ServerResponse, string>();

  constructor(parts: EventParts) {
    this.#parts = parts;
  }

  /** @param caller asked again for each event; undefined ends the stream */
  open(response: ServerResponse, caller: () => Caller | undefined): void {
    const { events, clock } = this.#parts;
    const reader = caller();
    if (reader === undefined) throw new HttpProblem('unauthenticated', 'log in first');
    const key = keyOf(reader);
    const ofCaller = [...this.#streams.values()].filter((other) => other === key).length;
    if (this.#streams.size >= LIMITS.eventStreams || ofCaller >= LIMITS.eventStreamsPerCaller) {
      throw new HttpProblem('too-many-attempts', 'too many streams of events are open', {
        headers: { 'retry-after': '10' },
      });
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    this.#streams.set(response, key);
    /** Machines that the reader has been told of, and their role there: of others they must not even learn that they are gone. */
    const told = new Map<string, Role>();
    let most: number = LIMITS.eventBacklogBytes;
    const write = (text: string): void => {
      if (response.destroyed) return;
      // Whoever does not read begins anew when they do.
      if (response.writableLength > most) response.destroy();
      else response.write(text);
    };
    const tell = (event: ServiceEvent): void => {
      const reader = caller();
      if (reader === undefined) return void response.end();
      const before = event.type === 'machine' ? told.get(event.machine.name) : undefined;
      const visible = this.#visible(event, reader, told);
      if (visible === undefined) return;
      write(textOf(visible));
      if (visible.type !== 'machine' || visible.machine.role === before) return;
      // Who was given a machine, or more of it, has missed what else there is to know of it.
      for (const other of events.current()) {
        if (!('machine' in other) || other.machine !== visible.machine.name) continue;
        const missed = this.#visible(other, reader, told);
        if (missed !== undefined) write(textOf(missed));
      }
    };
    const off = events.onEvent.on(tell);
    let cancelPing = (): void => {};
    const ping = (): void => {
      if (caller() === undefined) return void response.end();
      write(':\n\n');
      cancelPing = clock.after(LIMITS.eventPingMs, ping);
    };
    response.once('close', () => {
      off();
      cancelPing();
      this.#streams.delete(response);
    });
    const first = events.current().flatMap((event) => this.#visible(event, reader, told) ?? []);
    const text = `retry: 2000\n\n${[...first, { type: 'ready' } as const].map(textOf).join('')}`;
    // The first state does not count against them, however long it is.
    most += Buffer.byteLength(text);
    write(text);
    cancelPing = clock.after(LIMITS.eventPingMs, ping);
  }

  close(): void {
    for (const response of this.#streams.keys()) response.end();
  }

  /** The event as its reader may see it. */
  #visible(event: ServiceEvent, reader: Caller, told: Map<string, Role>): ServiceEvent | undefined {
    const { roleOf } = this.#parts;
    switch (event.type) {
      case 'machine': {
        const { name } = event.machine;
        const role = roleOf(reader, name);
        if (role !== undefined) {
          told.set(name, role);
          return { ...event, machine: { ...event.machine, role } };
        }
        // They may not see it any more: gone, as far as they are concerned.
        return told.delete(name) ? { type: 'machine-gone', name } : undefined;
      }
      case 'machine-gone':
        return told.delete(event.name) ? event : undefined;
      case 'sessions':
        return includesRole(roleOf(reader, event.machine), 'operate') ? event : undefined;
      case 'screen':
        return roleOf(reader, event.machine) === undefined ? undefined : event;
      case 'ready':
        return event;
    }
  }
}

function keyOf({ user, machine = '' }: Caller): string {
  return `${user.toLowerCase()} ${machine}`;
}

function textOf(event: ServiceEvent): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}
