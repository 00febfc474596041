/** Who somebody has proven to be. */
export interface Identity {
  readonly user: string;
  /** The most that this login allows, where it is less than what the user may do: a view-only ticket. */
  readonly rights?: 'view' | 'control';
  /** The one machine that this login is for: a ticket's. */
  readonly machine?: string;
  /**
   * Of a ticket for somebody without an account: the user who answers for them, and whose rights they have as far as
   * the ticket goes; null is the host's own administrator, who needs no account.
   */
  readonly grantedBy?: string | null;
  /** The login that goes on, in a browser, by which they came: with it ends what was opened by it. See Logins. */
  readonly login?: string;
}

/**
 * The one interface through which every protocol checks a login. It never learns which protocol asks,
 * and a protocol never sees a stored secret.
 */
export interface Credentials {
  /** False with `--auth none`: everybody is let in, and nothing is asked. */
  readonly required: boolean;
  /** People are told apart by their names: a password alone is no login, except where it is a ticket. */
  readonly named?: boolean;
  /** A user name (undefined where the protocol has none) and the password as typed. */
  checkPassword(user: string | undefined, password: string): Promise<Identity | undefined>;
  /**
   * RFB's VncAuth: was `response` made from `challenge` (16 bytes each) with the password's first eight
   * characters? @spec RFC 6143 7.2.2
   */
  checkVncResponse(challenge: Uint8Array, response: Uint8Array): Promise<Identity | undefined>;
  /** What a user's answers in NTLM are made from; undefined where there is no such user, or it is not known of them. */
  ntHash?(user: string): Uint8Array | undefined;
}

/** Whether what was kept in a file can be one. */
export function isIdentity(value: unknown): value is Identity {
  const identity = value as Partial<Record<keyof Identity, unknown>> | null | undefined;
  const { rights, machine, grantedBy } = identity ?? {};
  return (
    typeof identity?.user === 'string' &&
    (rights === undefined || rights === 'view' || rights === 'control') &&
    (machine === undefined || typeof machine === 'string') &&
    (grantedBy === undefined || grantedBy === null || typeof grantedBy === 'string')
  );
}

/** What a login was proven by, for the audit log. */
export function proofOf({ machine, grantedBy }: Identity): string {
  if (machine === undefined) return 'password';
  return grantedBy === undefined ? 'ticket' : `ticket of ${grantedBy ?? 'the host'}`;
}

/** The user whose own password was right: a ticket proves nothing about the name that was typed beside it. */
export function provenName({ user, machine }: Identity): string | undefined {
  return machine === undefined ? user : undefined;
}
