import { channelPdu } from '../../../protocols/rdp/envelope.js';
import { FastPathUpdatePdu, UPDATE_CODE } from '../../../protocols/rdp/fast-path/fast-path-update-pdu.js';
import { BitmapUpdate } from '../../../protocols/rdp/graphics/bitmap-update.js';
import type { Rectangle16 } from '../../../protocols/rdp/graphics/rectangle16.js';
import { SendDataIndication } from '../../../protocols/rdp/mcs/domain.js';
import { SetErrorInfo } from '../../../protocols/rdp/share/set-error-info.js';
import { PDU_TYPE, ShareControlPdu } from '../../../protocols/rdp/share/share-control.js';
import { PDU_TYPE2, ShareData } from '../../../protocols/rdp/share/share-data.js';
import { takePacket } from '../../../protocols/rdp/tpkt.js';
import { Chunks } from '../../../protocols/wire/chunks.js';
import { decode, encode } from '../../../protocols/wire/codec.js';
import { Reader } from '../../../protocols/wire/reader.js';
import type { Credentials, Identity } from '../../../server/auth/credentials.js';
import { SingleUser } from '../../../server/auth/single-user.js';
import { Throttle } from '../../../server/auth/throttle.js';
import type { Handover } from '../../../server/rdp/handover.js';
import { resumeRdp, serveRdp } from '../../../server/rdp/session.js';
import type { Departure } from '../../../server/session/departure.js';
import type { Host } from '../../../server/session/host.js';
import type { Session } from '../../../server/session/session.js';
import { SessionList } from '../../../server/session/session-list.js';
import { type MemoryTransport, memoryPair } from '../../../server/transport/memory.js';
import type { Logger } from '../../../src/base/log.js';
import { PatternEngine } from '../../../src/engine/pattern/pattern.js';
import { Machine } from '../../../src/machine/machine.js';
import { FakeClock } from '../../fake-clock.js';
import { type CLIENTS, join, recorded } from '../../protocols/rdp/connection/recorded.js';
import type { ClientModel } from '../rdp-output/client-model.js';

/** Reads of a recording up to and with the Font List: all that it takes to be active. */
const HANDSHAKE_READS = { 'freerdp-2': 16, 'rdesktop-1.9': 18, 'node-rdpjs-2': 11 } as const;

/** A machine with a test card at rest, and clients for it. */
export class House {
  readonly engine: PatternEngine;
  readonly machine: Machine;
  readonly clock = new FakeClock();
  readonly sessions = new SessionList();
  /** What was logged as our own fault: should stay empty. */
  readonly faults: object[] = [];
  readonly host: Host;

  static async open(credentials?: Credentials, size?: { width: number; height: number }): Promise<House> {
    const house = new House(credentials, size);
    await house.machine.start();
    return house;
  }

  constructor(credentials: Credentials = new SingleUser('vitrine', 'secret'), size = { width: 640, height: 480 }) {
    this.engine = new PatternEngine({ ...size, fps: 0 });
    this.machine = new Machine('card', this.engine);
    const log: Logger = {
      debug() {},
      info() {},
      warn() {},
      error: (fields) => this.faults.push(fields),
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

  /** A client that has not said anything yet. */
  connect(name: (typeof CLIENTS)[number] = 'freerdp-2', rules: Partial<Host> = {}): Client {
    const [serverEnd, clientEnd] = memoryPair();
    const transport = Object.assign(serverEnd, { upgradeTls: async () => {} });
    return new Client(name, clientEnd, serveRdp(transport, { ...this.host, ...rules }));
  }

  /** Somebody comes from another house; what is said of them crosses as it does between processes. */
  resume(departure: Departure, rules: Partial<Host> = {}, identity: Identity = { user: 'alice' }): Session {
    const handover = JSON.parse(JSON.stringify(departure.handover)) as Handover;
    return resumeRdp(departure.transport, { ...this.host, ...rules }, handover, identity);
  }

  /** Keys as the guest gets them from now on: '30 true'. */
  keys(): string[] {
    const keys: string[] = [];
    const { key } = this.engine;
    this.engine.key = (code, down) => {
      keys.push(`${code} ${down}`);
      key.call(this.engine, code, down);
    };
    return keys;
  }

  /** What of a session is left in the house. */
  leftovers(): object {
    return {
      sessions: this.sessions.size,
      views: this.machine.display.viewCount,
      stateListeners: this.machine.onState.listenerCount,
      timers: this.clock.timers.size,
    };
  }
}

/** The far end of a session: plays a recording, and notes what it is sent. */
export class Client {
  readonly session: Session;
  readonly transport: MemoryTransport;
  readonly #reads: Uint8Array[];
  readonly #handshakeReads: number;
  readonly #inbound = new Chunks(1 << 24);
  /** Names of share PDUs, in order: 'demand-active', 'deactivate-all', 'error 9', 'goodbye'. */
  readonly heard: string[] = [];
  /** Where bitmaps went, since last asked. */
  #painted: Rectangle16[] = [];
  closed: string | undefined;
  /** Shows what is sent on the fast path, for whom wants to compare pictures. */
  model: ClientModel | undefined;

  constructor(name: (typeof CLIENTS)[number], transport: MemoryTransport, session: Session) {
    this.#reads = recorded(name);
    this.#handshakeReads = HANDSHAKE_READS[name];
    this.transport = transport;
    this.session = session;
    transport.onData = (bytes) => this.#receive(bytes);
    transport.onClose = (reason) => {
      this.closed = reason;
    };
  }

  write(bytes: Uint8Array): void {
    this.transport.write(bytes);
  }

  /** Some reads of the recording. */
  writeReads(from: number, to: number): void {
    for (const read of this.#reads.slice(from, to)) this.write(read);
  }

  /** The whole connection sequence, in reads of the recording or in pieces of so many bytes, then until it is quiet. */
  async activate(pieceBytes?: number): Promise<this> {
    const [request, ...rest] = this.#reads.slice(0, this.#handshakeReads);
    if (pieceBytes === undefined) this.writeReads(0, this.#handshakeReads);
    // What is read with the request belongs to a TLS handshake, and here is none.
    else for (const bytes of [request!, join(rest)]) this.#writePieces(bytes, pieceBytes);
    await quiet();
    return this;
  }

  #writePieces(bytes: Uint8Array, pieceBytes: number): void {
    for (let at = 0; at < bytes.length; at += pieceBytes) this.write(bytes.slice(at, at + pieceBytes));
  }

  /** Confirm Active to Font List: the answer to another Demand Active; all of it, or a part. */
  async activateAgain(from = 0, to?: number): Promise<void> {
    const first = this.#reads.findIndex((read) => read.length > 15 && hasConfirmActive(read));
    for (const read of this.#reads.slice(first, this.#handshakeReads).slice(from, to)) this.write(read);
    await quiet();
  }

  /** A share data PDU. */
  async say(type: number, body: Uint8Array): Promise<void> {
    const data = encode(ShareData, { shareId: 0x103ea, type, body });
    const pdu = channelPdu(1003, encode(ShareControlPdu, { type: PDU_TYPE.data, source: 1007, body: data }));
    // The request differs from the indication in its choice alone.
    pdu[7] = 25 << 2;
    this.write(pdu);
    await quiet();
  }

  /** Bitmaps since last asked: how many, and the box around them. */
  takePainted(): { count: number; right: number; bottom: number } {
    const painted = this.#painted.splice(0);
    return {
      count: painted.length,
      right: Math.max(0, ...painted.map((r) => r.right + 1)),
      bottom: Math.max(0, ...painted.map((r) => r.bottom + 1)),
    };
  }

  #receive(bytes: Uint8Array): void {
    received++;
    this.#inbound.push(bytes);
    for (;;) {
      const packet = takePacket(this.#inbound, 1 << 24);
      if (packet === undefined) return;
      if (packet.kind === 'fast-path') this.#receiveUpdates(packet.bytes);
      else this.#receivePdu(packet.payload);
    }
  }

  #receiveUpdates(bytes: Uint8Array): void {
    this.model?.take(bytes);
    for (const { code, fragmentation, data } of decode(FastPathUpdatePdu, bytes).updates) {
      const begins = fragmentation === 'single' || fragmentation === 'first';
      // A bitmap's place stands at its beginning; its data is not looked at.
      if (code === UPDATE_CODE.bitmap && begins) this.#painted.push(destinationOf(data));
    }
  }

  #receivePdu(payload: Uint8Array): void {
    if (payload[1] !== 0xf0) return;
    const choice = payload[3]! >> 2;
    if (choice === 8) this.heard.push('goodbye');
    if (choice !== 26) return;
    const { userData } = decode(SendDataIndication, payload.subarray(3));
    if (userData[0] === 0x80) return;
    const { type, body } = decode(ShareControlPdu, userData);
    if (type === PDU_TYPE.demandActive) this.heard.push('demand-active');
    if (type === PDU_TYPE.deactivateAll) this.heard.push('deactivate-all');
    if (type !== PDU_TYPE.data) return;
    const data = decode(ShareData, body);
    if (data.type === PDU_TYPE2.setErrorInfo) this.heard.push(`error ${decode(SetErrorInfo, data.body).errorInfo}`);
  }
}

function hasConfirmActive(read: Uint8Array): boolean {
  // TPKT 4, X.224 3, MCS 6, length 1 or 2, share control length 2, then pduType.
  const at = 13 + ((read[13]! & 0x80) === 0 ? 1 : 2) + 2;
  return read[7] === 25 << 2 && read[at] === (0x10 | PDU_TYPE.confirmActive);
}

function destinationOf(update: Uint8Array): Rectangle16 {
  const r = new Reader(update);
  r.skip(BitmapUpdate.fixedSize, 'updateType and numberRectangles');
  return { left: r.u16le('left'), top: r.u16le('top'), right: r.u16le('right'), bottom: r.u16le('bottom') };
}

/** Counts what clients receive, so that quiet can be told. */
let received = 0;

/** Until no client has received anything for a while, longer than a frame's wait and a slice of painting. */
export async function quiet(): Promise<void> {
  for (let still = 0, before = received; still < 3; ) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    still = received === before ? still + 1 : 0;
    before = received;
  }
}
