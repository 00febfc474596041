import type { Identity } from '../auth/credentials.js';
import type { Departure } from './departure.js';

/** One connected client, from accept to close. */
export interface Session {
  /** 'rdp', 'rfb'. */
  readonly protocol: string;
  readonly remote: string;
  /** Set once the login has succeeded. */
  readonly identity: Identity | undefined;
  /** What it has cost so far. */
  readonly meter: SessionMeter;
  /** From now on its input is dropped (and what it holds is released), or taken again. Ignored before the login. */
  setRights(rights: 'view' | 'control'): void;
  /**
   * Says goodbye in the protocol's own words and closes. `text`, where there is one, is for the person at the client.
   * Somebody who can go back to the broker does that instead, unless it is `forGood`.
   */
  close(reason: CloseReason, text?: string, forGood?: boolean): void;
  /**
   * Lets go of the connection without a word, so that it goes on elsewhere. Possible once the login is decided;
   * undefined when it is not, or not any more.
   */
  detach(): Departure | undefined;
}

export interface SessionMeter {
  readonly sentBytes: number;
  readonly updates: number;
  readonly encodeMs: number;
  readonly rttMs?: number;
}

/**
 * Why a session ends, from our side:
 * - 'shutdown': the server stops
 * - 'guest-stopped': the guest powered off or its engine died
 * - 'denied': too many sessions, blocked address, no right to be here
 * - 'taken-over': somebody else has the screen now
 * - 'kicked': an operator ended it
 */
export const CLOSE_REASONS = ['shutdown', 'guest-stopped', 'denied', 'taken-over', 'kicked'] as const;
export type CloseReason = (typeof CLOSE_REASONS)[number];
