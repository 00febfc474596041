import { formatLine } from '../ipc/json-lines.js';
import { type Hello, MAX_HELLO_BYTES, type RdpHandover, type RfbHandover } from '../session/handover.js';
import type { Visitor } from '../session/visitor.js';

/** A client's state without a word of whose client it is. */
export type ClientState = Omit<RdpHandover, 'visitor'> | Omit<RfbHandover, 'visitor'>;

/** The first line to a machine's process; undefined for a client that has said too much for one. */
export function helloLine(state: ClientState, visitor: Visitor): ReturnType<typeof formatLine> | undefined {
  const line = formatLine({ ...state, visitor } as Hello);
  return line.length > MAX_HELLO_BYTES ? undefined : line;
}

/** What came back from a machine's process, to go on with here: `rest` follows what was left in `state` itself. */
export function cameBack(state: ClientState, rest: Uint8Array, visitor: Visitor): RdpHandover | RfbHandover {
  const before = Buffer.from(state.rest ?? '', 'base64');
  return { ...state, rest: Buffer.concat([before, rest]).toString('base64'), visitor } as RdpHandover | RfbHandover;
}
