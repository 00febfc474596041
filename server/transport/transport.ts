import type { SecureContextOptions } from 'node:tls';

/**
 * A stream of bytes to one peer: TCP, TLS, WebSocket, or a pair in memory.
 * Nothing here throws because of the peer: a broken connection is `onClose`.
 */
export interface Transport {
  /** Who is at the other end, for logs and limits: an address without port. */
  readonly remote: string;
  /** 'tcp', 'tls', 'websocket', 'memory'. */
  readonly kind: string;
  /** Bytes given to `write` that the operating system has not taken yet. */
  readonly unsentBytes: number;
  readonly isClosed: boolean;
  /** Nobody on the way can read along: it is TLS, or both ends are on this host. */
  readonly isPrivate?: boolean;
  /** The server name that the client asked for in TLS. */
  readonly serverName?: string | undefined;

  /** Inbound bytes. The receiver owns them. Set before the first byte can arrive, i.e. in the accept callback. */
  onData: (bytes: Uint8Array) => void;
  /** `unsentBytes` has fallen to zero. */
  onDrain: () => void;
  /** The connection is gone, for whatever reason; called once. Nothing is called after it. */
  onClose: (reason: string) => void;

  /**
   * Queues bytes. They are not copied and must not change until they have left, which only `onDrain` tells:
   * hand over memory that is not written again. Ignored after close.
   */
  write(bytes: Uint8Array): void;
  /** Stops reading: a peer that sends faster than it is served. `resume` goes on. */
  pause(): void;
  resume(): void;
  /** Sends what is queued, says goodbye (close_notify, FIN) and closes; waits at most LIMITS.goodbyeMs. */
  end(): void;
  /** Closes at once. */
  destroy(reason: string): void;
}

/** TLS without a certificate: hides what is said from who only listens. */
export const ANONYMOUS = 'anonymous';

/** A transport whose peer may ask for TLS on the same connection (RDP, VeNCrypt). */
export interface UpgradableTransport extends Transport {
  /**
   * Becomes TLS as its server; `early` is what was read already and belongs to the handshake.
   * Resolves when the handshake is done; from then on `write` and `onData` are plaintext.
   * Rejects when it fails; the transport is then closed.
   */
  upgradeTls(identity: TlsChoice, early?: Uint8Array): Promise<void>;
}

/** PEM certificate chain and key. */
export type TlsIdentity = Required<Pick<SecureContextOptions, 'cert' | 'key'>>;

/** How to become a TLS server: with a certificate, at most in this version, or without one. */
export type TlsChoice = (TlsIdentity & Pick<SecureContextOptions, 'maxVersion'>) | typeof ANONYMOUS;
