import { once } from 'node:events';
import type { Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { expect, onTestFinished } from 'vitest';

const VENCRYPT = 19;

/** A client's socket, read by the count; TLS may be put over it. */
export class TcpClient {
  #socket: Socket;
  #received = Buffer.alloc(0);
  closed = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#listen(socket);
    onTestFinished(() => void this.#socket.destroy());
  }

  close(): void {
    this.#socket.destroy();
  }

  write(bytes: string | readonly number[] | Uint8Array): void {
    this.#socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : Uint8Array.from(bytes));
  }

  async read(count: number): Promise<Buffer> {
    while (this.#received.length < count) {
      if (this.closed) throw new Error('the server closed the connection');
      await new Promise((resolve) => {
        this.#socket.once('readable', resolve);
        this.#socket.once('close', resolve);
      });
      for (let chunk = this.#socket.read(); chunk !== null; chunk = this.#socket.read()) {
        this.#received = Buffer.concat([this.#received, chunk]);
      }
    }
    const bytes = this.#received.subarray(0, count);
    this.#received = this.#received.subarray(count);
    return bytes;
  }

  /** Who the server says it is, by name; undefined where it has no certificate. */
  async secure(options: ConnectionOptions): Promise<string | undefined> {
    this.#socket.removeAllListeners();
    const secure = connectTls({ socket: this.#socket, rejectUnauthorized: false, ...options });
    this.#listen(secure);
    this.#socket = secure;
    await once(secure, 'secureConnect');
    // In later versions the server says more after the handshake, which makes TigerVNC's viewer wait for ever.
    expect(secure.getProtocol()).toBe('TLSv1.2');
    return secure.getPeerX509Certificate()?.subjectAltName;
  }

  /** To the security types. */
  async begin(): Promise<number[]> {
    await this.read(12);
    this.write('RFB 003.008\n');
    return [...(await this.read((await this.read(1))[0]!))];
  }

  /** To the subtypes of VeNCrypt. */
  async veNCrypt(): Promise<number[]> {
    this.write([VENCRYPT]);
    expect([...(await this.read(2))]).toEqual([0, 2]);
    this.write([0, 2]);
    expect([...(await this.read(1))]).toEqual([0]);
    const list = await this.read((await this.read(1))[0]! * 4);
    return Array.from({ length: list.length / 4 }, (_, i) => list.readUInt32BE(i * 4));
  }

  choose(subtype: number): void {
    this.write([0, 0, subtype >> 8, subtype & 0xff]);
  }

  plain(user: string, password: string): void {
    const head = Buffer.alloc(8);
    head.writeUInt32BE(Buffer.byteLength(user), 0);
    head.writeUInt32BE(Buffer.byteLength(password), 4);
    this.write(Buffer.concat([head, Buffer.from(user), Buffer.from(password)]));
  }

  /** Undefined when one is in, or why not. */
  async result(): Promise<string | undefined> {
    if ((await this.read(4)).readUInt32BE() === 0) return undefined;
    return (await this.read((await this.read(4)).readUInt32BE())).toString();
  }

  #listen(socket: Socket): void {
    socket.on('error', () => {});
    socket.on('close', () => {
      this.closed = true;
    });
    socket.on('readable', () => {});
  }
}
