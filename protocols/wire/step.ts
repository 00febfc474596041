/**
 * What a sans-IO state machine answers: bytes to send, in order, and facts for its caller.
 * The machine never performs I/O, reads a clock or draws randomness; all of these are passed in.
 */
export interface Step<Event> {
  readonly send: readonly Uint8Array[];
  readonly events: readonly Event[];
}
