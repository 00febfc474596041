import type { Login } from './clients.js';
import { compare } from './compare.js';
import { colourCount, fromPng, type Picture } from './picture.js';
import { ServiceUnderTest } from './service.js';
import { PASSWORD } from './vitrine.js';
import { until } from './wait.js';

/** The scene in which nothing moves, in the smallest of the demo's modes. */
const STILL_AND_SMALL = 'f10 f2 f2 f2 f2';
const [WIDTH, HEIGHT, COLUMNS] = [640, 480, 4];
/** Around each window: clients put theirs a little beside where they are told. */
const GAP = 48;
/** The demo's desktop has hundreds; the screen before it is black. */
const DESKTOP_COLOURS = 100;
const START_MS = 60_000;

/** Somebody with a machine of their own. */
export interface Seat {
  readonly login: Login;
  readonly machine: string;
  /** On the screen that all seats share. */
  readonly place: { readonly x: number; readonly y: number };
}

/** One service, and people with a machine each on whose screen stands whose it is. */
export class Classroom {
  readonly service: ServiceUnderTest;
  readonly seats: readonly Seat[];

  private constructor(service: ServiceUnderTest, seats: readonly Seat[]) {
    this.service = service;
    this.seats = seats;
  }

  /** The last one has a second machine. */
  static async open(count: number): Promise<Classroom> {
    const seats = Array.from({ length: count }, (_, i) => ({
      login: { user: `student-${i + 1}`, password: PASSWORD },
      machine: `desk-${i + 1}`,
      place: { x: GAP + (i % COLUMNS) * (WIDTH + GAP), y: GAP + Math.floor(i / COLUMNS) * (HEIGHT + GAP) },
    }));
    const room = new Classroom(await ServiceUnderTest.start(), seats);
    for (const { login, machine } of seats) await room.#furnish(login, machine);
    const { api } = room.service;
    await room.#define('spare', seats.at(-1)!.login.user);
    await Promise.all(seats.map(({ machine }) => api.call('machine.start', { machine })));
    await Promise.all(seats.map((seat) => room.label(seat)));
    await until('every screen is another', () => room.#allDiffer(), { deadlineMs: START_MS });
    return room;
  }

  /** Of a screen that has room for all seats. */
  get size(): [width: number, height: number] {
    const rows = Math.ceil(this.seats.length / COLUMNS);
    return [GAP + COLUMNS * (WIDTH + GAP), GAP + rows * (HEIGHT + GAP)];
  }

  /** A machine's screen as its process has it. */
  async screen(machine: string): Promise<Picture> {
    return fromPng(Buffer.from(await this.service.api.call('console.screenshot', { machine })));
  }

  async pids(): Promise<ReadonlyMap<string, number>> {
    const machines = await this.service.api.call('machine.list', {});
    return new Map(machines.flatMap(({ name, pid }) => (pid === null ? [] : [[name, pid]])));
  }

  /** Makes a machine that has just started show nothing but what never changes, and whose it is. */
  async label({ login, machine }: Seat): Promise<void> {
    const { api } = this.service;
    const isUp = async () => colourCount(await this.screen(machine), DESKTOP_COLOURS) >= DESKTOP_COLOURS;
    await until(`${machine} shows its desktop`, isUp, { deadlineMs: START_MS });
    await api.call('console.keys', { machine, keys: STILL_AND_SMALL });
    await api.call('console.type', { machine, text: `${machine} of ${login.user}` });
  }

  async #furnish({ user, password }: Login, machine: string): Promise<void> {
    await this.service.api.call('user.create', { name: user, password });
    await this.#define(machine, user);
  }

  async #define(name: string, user: string): Promise<void> {
    const config = { demo: true, engine: 'emulator', memory: 32, access: { [user]: 'use' } } as const;
    await this.service.api.call('machine.create', { name, config });
  }

  async #allDiffer(): Promise<boolean> {
    const screens = await Promise.all(this.seats.map(({ machine }) => this.screen(machine)));
    return screens.every(
      (one, i) => one.width === WIDTH && screens.slice(0, i).every((other) => compare(one, other).count > 0),
    );
  }
}
