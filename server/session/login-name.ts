/** A login name taken apart; what it says of a machine proves nothing. */
export interface LoginName {
  /** The person: the part that is checked with the password. */
  readonly user: string;
  /** The machine they want, where they have said so: `alice#vm`. */
  readonly named?: string;
  /** `vm\alice`, or a field of its own. A machine if there is one of that name; many clients fill it in by themselves. */
  readonly domain?: string;
}

/** Reads `alice`, `alice#vm`, `vm\alice` and `vm\alice#vm`; a domain that was typed counts before that of the field. */
export function parseLoginName(name: string, domainField = ''): LoginName {
  const account = accountName(name);
  const domain = name.slice(0, Math.max(0, name.length - account.length - 1)) || domainField;
  const hash = account.lastIndexOf('#');
  const named = hash < 0 ? '' : account.slice(hash + 1);
  return {
    user: hash < 0 ? account : account.slice(0, hash),
    ...(named !== '' && { named }),
    ...(domain !== '' && { domain }),
  };
}

/** The name without a domain before it: people who are used to domains type `host\name`. */
export function accountName(name: string): string {
  return name.slice(name.lastIndexOf('\\') + 1);
}
