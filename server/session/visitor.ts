/** Somebody whom the broker has let in, as a machine's process gets to know of them. */
export interface Visitor {
  /** Names the session in lists, in `kick` and in the audit log; made by the broker. */
  readonly session: string;
  readonly user: string;
  /** Address without port. */
  readonly remote: string;
  /** How they came: 'rdp', 'rfb', 'websocket'. */
  readonly via: string;
  /** The most that they may do here. */
  readonly rights: 'view' | 'control';
  /** The broker takes the connection back when the session ends (the picker's chord, taken over, machine gone). */
  readonly returns: boolean;
}
