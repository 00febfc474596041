/** What was wrong with bytes from a peer. Few kinds: a session maps them to its protocol's own goodbye. */
export type DecodeErrorKind =
  /** The message ends before the field does. */
  | 'truncated'
  /** A value the specification forbids. */
  | 'invalid'
  /** A value that is allowed, but that we do not take part in. */
  | 'unsupported'
  /** A length over one of our own bounds. */
  | 'limit';

/** Every parser in protocols/ throws this and nothing else. `offset` counts from the start of the parsed buffer. */
export class DecodeError extends Error {
  readonly kind: DecodeErrorKind;
  readonly field: string;
  readonly offset: number;

  constructor(kind: DecodeErrorKind, field: string, message: string, offset = 0) {
    super(`${field}: ${message}`);
    this.name = 'DecodeError';
    this.kind = kind;
    this.field = field;
    this.offset = offset;
  }
}
