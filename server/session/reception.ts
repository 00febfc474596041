import type { Identity } from '../auth/credentials.js';
import type { Departure } from './departure.js';
import type { CloseReason, Session } from './session.js';

/** What a client has said of where it wants to go. Nothing of it is proven, nothing of it is needed. */
export interface RouteHints {
  /** RDP: the routing token or cookie of the connection request, without its line end. */
  readonly routing?: string;
  /** RDP: the text of the preconnection PDU. */
  readonly preconnection?: string;
  /** The part of the login name that names a machine: `alice#vm`. */
  readonly named?: string;
  /** RDP: the login's domain, given apart or as `vm\alice`. Many clients put the name of their own host there. */
  readonly domain?: string;
  /** TLS: the server name that the client asked for. */
  readonly serverName?: string;
  /** VNC: the ID of UltraVNC's repeater mode, `ID:NAME` without its prefix. */
  readonly repeaterId?: string;
  /** RDP: the desktop that the client asks for. It names no machine; screens of the broker's own take it. */
  readonly desktop?: { readonly width: number; readonly height: number };
}

/** A broker's front desk. */
export interface Reception {
  /**
   * Somebody has proven who they are. Resolves to
   * - 'here': the session goes on with this host's machine (a screen of the broker's); it may be detached later
   * - 'gone': the session was detached meanwhile; nothing more is its own
   * - a refusal, told to the person in the protocol's words
   */
  arrived(
    session: Session,
    identity: Identity,
    hints: RouteHints,
  ): Promise<'here' | 'gone' | { readonly refused: string }>;
}

/** A session is over here for `reason`; the one who called for it goes back to the broker. */
export type Return = (session: Session, departure: Departure, reason: CloseReason | 'menu', text: string) => void;
