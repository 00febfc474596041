import { constants } from 'node:crypto';
import type { Socket } from 'node:net';
import { TLSSocket, type TlsOptions } from 'node:tls';
import { messageOf } from '../../src/base/errors.js';
import { LIMITS } from '../limits.js';
import { isLoopback } from './listen.js';
import type { TlsChoice, UpgradableTransport } from './transport.js';
import { Unsent } from './unsent.js';

/** OpenSSL takes these ciphers to be as bad as none, since they prove nobody; that is what was asked for. */
const ANONYMOUS_TLS: TlsOptions = {
  ciphers: 'aNULL:!eNULL:!3DES:!RC4:!MD5:@SECLEVEL=0',
  dhparam: 'auto',
  // TLS 1.3 has none of them.
  maxVersion: 'TLSv1.2',
};

/** One handshake a connection: it costs us far more than the client, which could ask for it again and again. */
const STRICT_TLS = { minVersion: 'TLSv1.2', secureOptions: constants.SSL_OP_NO_RENEGOTIATION } as const;

/** A unix socket's other end. */
const LOCAL = 'local';

/** TCP or a unix socket, and TLS over it after `upgradeTls`. */
export class TcpTransport implements UpgradableTransport {
  readonly remote: string;
  onData: (bytes: Uint8Array) => void = () => {};
  onDrain: () => void = () => {};
  onClose: (reason: string) => void = () => {};
  #socket: Socket;
  readonly #unsent = new Unsent();
  #closed = false;
  #error: string | undefined;
  #goodbyeTimer: NodeJS.Timeout | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.remote = socket.remoteAddress ?? LOCAL;
    // Small updates must not wait for the acknowledgement of earlier ones.
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 30_000);
    this.#listen(socket);
    socket.once('close', () => this.#finish(this.#error ?? 'closed by the peer'));
  }

  get kind(): string {
    return this.#socket instanceof TLSSocket ? 'tls' : 'tcp';
  }
  get isPrivate(): boolean {
    return this.#socket instanceof TLSSocket || this.remote === LOCAL || isLoopback(this.remote);
  }
  get serverName(): string | undefined {
    // Node has it as a server, too, whatever its types say: false where the client has named none.
    const name = this.#socket instanceof TLSSocket && (this.#socket as { servername?: string | false }).servername;
    return name || undefined;
  }
  get unsentBytes(): number {
    return this.#unsent.bytes;
  }
  get isClosed(): boolean {
    return this.#closed;
  }

  write(bytes: Uint8Array): void {
    if (this.#closed || bytes.length === 0 || this.#socket.writableEnded) return;
    const size = bytes.length;
    this.#unsent.add(size);
    this.#socket.write(bytes, () => {
      this.#unsent.remove(size);
      if (this.#unsent.bytes === 0 && !this.#closed) this.onDrain();
    });
    if (this.#unsent.isTooMuch) this.destroy('the peer does not read');
  }

  pause(): void {
    this.#socket.pause();
  }
  resume(): void {
    this.#socket.resume();
  }

  end(): void {
    if (this.#closed || this.#goodbyeTimer !== undefined) return;
    this.#error ??= 'closed';
    this.#goodbyeTimer = setTimeout(() => this.destroy('closed'), LIMITS.goodbyeMs);
    this.#socket.end();
  }

  destroy(reason: string): void {
    if (this.#closed) return;
    this.#error ??= reason;
    this.#socket.destroy();
    this.#finish(this.#error);
  }

  upgradeTls(identity: TlsChoice, early?: Uint8Array): Promise<void> {
    const raw = this.#socket;
    raw.removeAllListeners('data');
    raw.pause();
    if (early !== undefined && early.length > 0) raw.unshift(early);
    const options = identity === 'anonymous' ? ANONYMOUS_TLS : identity;
    const secure = new TLSSocket(raw, { isServer: true, ...options, ...STRICT_TLS });
    this.#socket = secure;
    return new Promise((resolve, reject) => {
      const failed = (error?: Error): void => {
        const reason = `TLS handshake failed: ${error === undefined ? 'closed by the peer' : messageOf(error)}`;
        this.destroy(reason);
        reject(new Error(reason));
      };
      secure.once('error', failed);
      secure.once('close', failed);
      secure.once('secure', () => {
        secure.off('error', failed);
        secure.off('close', failed);
        this.#listen(secure);
        // Without a TLS server around it, node tells of what goes wrong after the handshake by this event alone.
        secure.on('_tlsError', (error: Error) => this.destroy(messageOf(error)));
        secure.once('close', () => this.destroy(this.#error ?? 'closed by the peer'));
        resolve();
      });
    });
  }

  #listen(socket: Socket): void {
    socket.on('data', (bytes: Buffer) => {
      if (!this.#closed) this.onData(bytes);
    });
    socket.on('error', (error) => {
      this.#error ??= messageOf(error);
    });
    socket.on('end', () => {
      this.#error ??= 'closed by the peer';
      this.end();
    });
  }

  #finish(reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#goodbyeTimer);
    this.onClose(reason);
  }
}
