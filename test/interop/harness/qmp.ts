import { readFile, rm } from 'node:fs/promises';
import { createConnection, type Socket } from 'node:net';
import { join } from 'node:path';
import { fromPpm, type Picture } from './picture.js';
import { atEnd, scratch } from './processes.js';
import { keyFor } from './us-keyboard.js';
import { pause } from './wait.js';

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/**
 * A second control connection into QEMU, past vitrine: what the guest shows by QEMU's own account, and keys that
 * arrive by another way. Tests hold it against what clients see and type.
 */
export class Qmp {
  /** Options that make QEMU open the socket. */
  static options(path: string): string[] {
    return ['--qemu-arg=-qmp', `--qemu-arg=unix:${path},server=on,wait=off`];
  }

  readonly #socket: Socket;
  readonly #folder = scratch();
  readonly #waiting = new Map<number, Waiting>();
  #greeted: () => void = () => {};
  #rest = '';
  #lastId = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => this.#receive(String(chunk)));
    socket.on('error', () => {});
    socket.on('close', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('QEMU has gone'));
      this.#waiting.clear();
    });
  }

  static async connect(path: string): Promise<Qmp> {
    const socket = createConnection(path);
    const qmp = new Qmp(socket);
    atEnd(() => socket.destroy());
    await new Promise<void>((resolve, reject) => {
      qmp.#greeted = resolve;
      socket.once('error', reject);
    });
    await qmp.execute('qmp_capabilities');
    return qmp;
  }

  execute(command: string, args: object = {}): Promise<unknown> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#socket.write(`${JSON.stringify({ execute: command, arguments: args, id })}\n`);
    });
  }

  /** The guest's screen by QEMU's own account. */
  async screen(): Promise<Picture> {
    const file = join(this.#folder, `${this.#lastId}.ppm`);
    await this.execute('screendump', { filename: file });
    const picture = fromPpm(await readFile(file));
    await rm(file);
    return picture;
  }

  async press(...qcodes: string[]): Promise<void> {
    const keys = qcodes.map((data) => ({ type: 'qcode', data }));
    await this.execute('send-key', { keys, 'hold-time': 20 });
    // QEMU lets the keys go after the hold time and takes the next ones before that.
    await pause(60);
  }

  async type(text: string): Promise<void> {
    for (const character of text) {
      const { qcode, shift } = keyFor(character);
      await this.press(...(shift ? ['shift'] : []), qcode);
    }
  }

  #receive(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop()!;
    for (const line of lines) {
      if (line.trim() === '') continue;
      const message = JSON.parse(line) as { id?: number; QMP?: object; return?: unknown; error?: { desc: string } };
      if (message.QMP !== undefined) this.#greeted();
      if (message.id === undefined) continue;
      const waiting = this.#waiting.get(message.id);
      this.#waiting.delete(message.id);
      if (message.error === undefined) waiting?.resolve(message.return);
      else waiting?.reject(new Error(message.error.desc));
    }
  }
}
