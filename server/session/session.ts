import type { Identity } from '../auth/credentials.js';

/** One connected client, from accept to close. */
export interface Session {
  /** 'rdp', 'rfb'. */
  readonly protocol: string;
  readonly remote: string;
  /** Set once the login has succeeded. */
  readonly identity: Identity | undefined;
  /** Says goodbye in the protocol's own words and closes. `reason` is for the person at the client. */
  close(reason: CloseReason): void;
}

/**
 * Why a session ends, from our side:
 * - 'shutdown': the server stops
 * - 'guest-stopped': the guest powered off or its engine died
 * - 'denied': too many sessions, blocked address
 */
export type CloseReason = 'shutdown' | 'guest-stopped' | 'denied';
