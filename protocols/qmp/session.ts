import { DecodeError } from '../wire/errors.js';
import type { Step } from '../wire/step.js';
import { Lines } from './lines.js';
import { formatCommand, parseQmp, type QmpMessage } from './message.js';

/** The longest answers are QEMU's own schema (300 KB) and what people print with human-monitor-command. */
const MAX_LINE_BYTES = 4 << 20;

export type QmpSessionEvent =
  /** The greeting came and the capabilities are settled: commands are taken from now on. */
  { readonly kind: 'ready'; readonly version: string } | Exclude<QmpMessage, { kind: 'greeting' }>;

/** The client's side of a QMP connection: greeting, capabilities, then commands with ids; events may come any time. */
export class QmpSession {
  readonly #lines = new Lines(MAX_LINE_BYTES);
  #version: string | undefined;
  #negotiationId: number | undefined;
  #ready = false;
  #nextId = 1;

  get isReady(): boolean {
    return this.#ready;
  }

  /** Throws DecodeError; the connection is of no use afterwards. */
  step(bytes: Uint8Array): Step<QmpSessionEvent> {
    const send: Uint8Array[] = [];
    const events: QmpSessionEvent[] = [];
    for (const line of this.#lines.push(bytes)) {
      if (line !== '') this.#take(parseQmp(line), send, events);
    }
    return { send, events };
  }

  /** Bytes of a command, and the id that its answer will carry. */
  command(name: string, args?: Readonly<Record<string, unknown>>): { readonly id: number; readonly bytes: Uint8Array } {
    const id = this.#nextId++;
    return { id, bytes: formatCommand(name, args, id) };
  }

  #take(message: QmpMessage, send: Uint8Array[], events: QmpSessionEvent[]): void {
    if (message.kind === 'greeting') {
      if (this.#version !== undefined) throw new DecodeError('invalid', 'QMP', 'greeted twice');
      this.#version = message.version;
      const { id, bytes } = this.command('qmp_capabilities');
      this.#negotiationId = id;
      send.push(bytes);
    } else if (this.#version === undefined) {
      throw new DecodeError('invalid', 'QMP', 'no greeting');
    } else if (message.kind !== 'event' && message.id === this.#negotiationId && !this.#ready) {
      if (message.kind === 'refusal') throw new DecodeError('unsupported', 'qmp_capabilities', message.description);
      this.#ready = true;
      events.push({ kind: 'ready', version: this.#version });
    } else {
      events.push(message);
    }
  }
}
