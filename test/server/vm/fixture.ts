import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import type { ControlEvent, VmSession } from '../../../server/ipc/control.js';
import { type ControlConnection, connectControl } from '../../../server/ipc/control-client.js';
import { resumeRdp } from '../../../server/rdp/session.js';
import { resumeRfb } from '../../../server/rfb/session.js';
import { runVm, type VmEnd, type VmOptions } from '../../../server/vm/process.js';
import { systemClock } from '../../../src/base/clock.js';
import { silentLog } from '../../../src/base/log.js';
import { PatternEngine } from '../../../src/engine/pattern/pattern.js';

const houses: House[] = [];
afterEach(async () => {
  for (const house of houses.splice(0)) await house.close();
});

/** A machine's process, but for the process: the test card behind a real socket. */
export class House {
  readonly folder = mkdtempSync(join(tmpdir(), 'vitrine-test-'));
  readonly socket = join(this.folder, 'card.sock');
  readonly engines: PatternEngine[] = [];
  /** SIGTERM. */
  readonly term = new AbortController();
  readonly ended: Promise<VmEnd>;
  readonly #controls: ControlConnection[] = [];

  constructor(options: Partial<VmOptions> = {}) {
    houses.push(this);
    const engine = (): PatternEngine => {
      const made = new PatternEngine({ width: 640, height: 480, fps: 0 });
      this.engines.push(made);
      return made;
    };
    this.ended = runVm({
      name: 'card',
      socket: this.socket,
      share: 'shared',
      restart: 'on-crash',
      engine: engine(),
      nextEngine: async () => engine(),
      hardware: () => '',
      resume: { rdp: resumeRdp, rfb: resumeRfb },
      clock: systemClock,
      log: silentLog,
      signal: this.term.signal,
      ...options,
    });
    this.ended.catch(() => {});
  }

  /** A control connection, and what it has heard. */
  async control(): Promise<Control> {
    const connection = await until(() => connectControl(this.socket).catch(() => undefined));
    this.#controls.push(connection);
    return new Control(connection);
  }

  async close(): Promise<void> {
    this.term.abort(new Error('the test is over'));
    await this.ended.catch(() => {});
    for (const control of this.#controls) control.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export class Control {
  readonly connection: ControlConnection;
  readonly events: ControlEvent[] = [];
  readonly request: ControlConnection['request'];

  constructor(connection: ControlConnection) {
    this.connection = connection;
    this.request = connection.request.bind(connection);
    connection.onEvent.on((event) => this.events.push(event));
  }

  /** Resolves with the first event of this kind that has not been taken yet. */
  async next<E extends ControlEvent['event']>(event: E): Promise<Extract<ControlEvent, { event: E }>> {
    const found = await until(() => this.events.find((one) => one.event === event));
    this.events.splice(this.events.indexOf(found), 1);
    return found as Extract<ControlEvent, { event: E }>;
  }

  /** Resolves when the machine says that these are there. */
  async sessions(fits: (sessions: readonly VmSession[]) => boolean): Promise<readonly VmSession[]> {
    for (;;) {
      const { sessions } = await this.next('sessions');
      if (fits(sessions)) return sessions;
    }
  }
  async state(state: string): Promise<string | undefined> {
    for (;;) {
      const change = await this.next('state');
      if (change.state === state) return change.reason;
    }
  }
}

/** Resolves with the first answer that is not undefined or false; the test's own deadline ends it. */
export async function until<T>(find: () => T | Promise<T>): Promise<Exclude<T, undefined | false>> {
  for (;;) {
    const found = await find();
    if (found !== undefined && found !== false) return found as Exclude<T, undefined | false>;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
