import type { Credentials } from '../../../server/auth/credentials.js';
import { SingleUser } from '../../../server/auth/single-user.js';
import { Throttle } from '../../../server/auth/throttle.js';
import { type ServeRfbOptions, serveRfb } from '../../../server/rfb/session.js';
import type { Host } from '../../../server/session/host.js';
import type { Session } from '../../../server/session/session.js';
import { SessionList } from '../../../server/session/session-list.js';
import { memoryPair } from '../../../server/transport/memory.js';
import type { Transport } from '../../../server/transport/transport.js';
import { Emitter } from '../../../src/base/events.js';
import type { Logger } from '../../../src/base/log.js';
import type { SharePolicy } from '../../../src/catalog/config.js';
import type { Engine, EngineCapabilities, EngineState, EngineStateChange } from '../../../src/engine/engine.js';
import type { Leds, PointerEvent } from '../../../src/input/events.js';
import { Machine } from '../../../src/machine/machine.js';
import { FakeClock } from '../../fake-clock.js';
import { Viewer } from './viewer.js';

export const PASSWORD = 'open sesame';

/** An engine without a guest: it writes down what it is told. */
export class FakeEngine implements Engine {
  readonly kind = 'fake';
  readonly accel = null;
  readonly capabilities: EngineCapabilities = {
    power: new Set(),
    absolutePointer: true,
    resize: true,
    saveState: false,
    balloon: false,
  };
  readonly onState = new Emitter<EngineStateChange>();
  readonly onLeds = new Emitter<Leds>();
  state: EngineState = 'running';
  /** '+1e' for A down, '-1e' for A up. */
  keys: string[] = [];
  pointers: PointerEvent[] = [];
  sizes: string[] = [];
  resizes = true;

  async start(): Promise<void> {}
  async stop(): Promise<void> {}
  async power(): Promise<void> {}
  async saveState(): Promise<void> {}
  async snapshot(): Promise<void> {}
  async balloon(): Promise<void> {}
  key(code: number, down: boolean): void {
    this.keys.push((down ? '+' : '-') + code.toString(16).padStart(2, '0'));
  }
  pointer(event: PointerEvent): void {
    this.pointers.push(event);
  }
  async requestSize(width: number, height: number): Promise<boolean> {
    this.sizes.push(`${width}x${height}`);
    return this.resizes;
  }
  setState(state: EngineState): void {
    this.state = state;
    this.onState.emit({ state });
  }
  takeKeys(): string {
    return this.keys.splice(0).join(' ');
  }
}

/** A machine with nobody connected, and viewers for it. */
export class House {
  readonly engine = new FakeEngine();
  readonly machine: Machine;
  readonly clock = new FakeClock();
  readonly sessions: SessionList;
  /** What was logged as our own fault: should stay empty. */
  readonly errors: unknown[] = [];
  readonly host: Host;

  constructor(credentials: Credentials = new SingleUser('vitrine', PASSWORD), name = 'tëster', share?: SharePolicy) {
    this.sessions = new SessionList(share);
    this.machine = new Machine(name, this.engine);
    const log: Logger = {
      debug() {},
      info() {},
      warn() {},
      error: (fields) => this.errors.push(fields),
      child: () => log,
    };
    this.host = {
      machine: this.machine,
      credentials,
      throttle: new Throttle(),
      sessions: this.sessions,
      tls: { cert: '', key: '' },
      clock: this.clock,
      log,
    };
  }

  /** A viewer that has not said anything yet. */
  connect(host: Partial<Host> = {}, options: ServeRfbOptions = {}): Viewer {
    return this.connectTo((transport) => serveRfb(transport, { ...this.host, ...host }, options));
  }

  /** The same at a server's end of the test's own. */
  connectTo(serve: (transport: Transport) => Session): Viewer {
    const [serverEnd, viewerEnd] = memoryPair();
    const viewer = new Viewer(viewerEnd);
    serve(serverEnd);
    return viewer;
  }

  /** A viewer that is through with ServerInit. */
  async login(host: Partial<Host> = {}): Promise<Viewer> {
    const viewer = this.connect(host);
    await viewer.login(PASSWORD);
    return viewer;
  }

  /** Paints a rectangle in one colour, or by a function of place. */
  paint(
    x: number,
    y: number,
    width: number,
    height: number,
    colour: number | ((x: number, y: number) => number),
  ): void {
    const { display } = this.machine;
    for (let row = y; row < y + height; row++) {
      for (let column = x; column < x + width; column++) {
        display.framebuffer.words[row * display.width + column] =
          typeof colour === 'number' ? colour : colour(column, row);
      }
    }
    display.damage({ x, y, width, height });
    display.commit();
  }
}
