import type { Codec } from '../wire/codec.js';
import { Reader } from '../wire/reader.js';
import type { Writer } from '../wire/writer.js';
import { NegotiationFailure, NegotiationRequest, NegotiationResponse, startsNegotiation } from './nego.js';

/** @spec MS-RDPBCGR 2.2.1.1 x224Crq (X.224 13.3 to 13.7): codes of the TPDUs in use. */
const CONNECTION_REQUEST = 0xe0;
const CONNECTION_CONFIRM = 0xd0;
const DISCONNECT_REQUEST = 0x80;
const DATA = 0xf0;
/** A data TPDU's last byte: end of the transport unit. */
const EOT = 0x80;

/** Bytes of a connection TPDU after its length indicator: code, two references, class. */
const CONNECTION_FIXED = 1 + 2 + 2 + 1;
const CR = 0x0d;
const LF = 0x0a;

/** @spec MS-RDPBCGR 2.2.1.1 Client X.224 Connection Request PDU */
export interface ConnectionRequest {
  readonly sourceReference: number;
  /** A routing token or cookie, without its CR LF: `Cookie: mstshash=…`, `Cookie: msts=…`, `tsv://…`. */
  readonly routing: string | undefined;
  /** Absent in clients that know nothing but RDP's own security. */
  readonly negotiation: NegotiationRequest | undefined;
}

export const ConnectionRequest: Codec<ConnectionRequest> = {
  name: 'Client X.224 Connection Request PDU',
  fixedSize: 1 /* length indicator */ + CONNECTION_FIXED,
  encode(w, { sourceReference, routing, negotiation }) {
    writeTpdu(w, () => {
      w.u8(CONNECTION_REQUEST).u16be(0).u16be(sourceReference).u8(0);
      if (routing !== undefined) w.latin1(routing).u8(CR).u8(LF);
      if (negotiation) NegotiationRequest.encode(w, negotiation);
    });
  },
  decode(outer) {
    const r = readTpdu(outer, CONNECTION_REQUEST);
    r.skip(2, 'destination reference');
    const sourceReference = r.u16be('source reference');
    r.skip(1, 'class');
    const routing = readRouting(r);
    // What may follow, the correlation info, identifies a connection to a gateway's log. Nobody here reads it.
    const negotiation = startsNegotiation(r) ? NegotiationRequest.decode(r) : undefined;
    return { sourceReference, routing, negotiation };
  },
};

function readRouting(r: Reader): string | undefined {
  if (startsNegotiation(r)) return undefined;
  for (let at = r.position; at + 1 < r.bytes.length; at++) {
    if (r.bytes[at] !== CR || r.bytes[at + 1] !== LF) continue;
    const line = r.latin1(at - r.position, 'routing token');
    r.skip(2, 'routing token end');
    return line;
  }
  return undefined;
}

/** @spec MS-RDPBCGR 2.2.1.2 Server X.224 Connection Confirm PDU */
export interface ConnectionConfirm {
  readonly destinationReference: number;
  readonly sourceReference: number;
  readonly negotiation:
    | { readonly response: NegotiationResponse }
    | { readonly failure: NegotiationFailure }
    | undefined;
}

const TYPE_FAILURE = 3;

export const ConnectionConfirm: Codec<ConnectionConfirm> = {
  name: 'Server X.224 Connection Confirm PDU',
  fixedSize: 1 /* length indicator */ + CONNECTION_FIXED,
  encode(w, { destinationReference, sourceReference, negotiation }) {
    writeTpdu(w, () => {
      w.u8(CONNECTION_CONFIRM).u16be(destinationReference).u16be(sourceReference).u8(0);
      if (negotiation === undefined) return;
      if ('response' in negotiation) NegotiationResponse.encode(w, negotiation.response);
      else NegotiationFailure.encode(w, negotiation.failure);
    });
  },
  decode(outer) {
    const r = readTpdu(outer, CONNECTION_CONFIRM);
    const destinationReference = r.u16be('destination reference');
    const sourceReference = r.u16be('source reference');
    r.skip(1, 'class');
    return { destinationReference, sourceReference, negotiation: readOutcome(r) };
  },
};

function readOutcome(r: Reader): ConnectionConfirm['negotiation'] {
  if (r.remaining === 0) return undefined;
  return r.peekU8('type') === TYPE_FAILURE
    ? { failure: NegotiationFailure.decode(r) }
    : { response: NegotiationResponse.decode(r) };
}

/** @spec X.224 13.5 Disconnect Request (DR) TPDU */
export interface DisconnectRequest {
  readonly destinationReference: number;
  readonly reason: number;
}

export const DisconnectRequest: Codec<DisconnectRequest> = {
  name: 'X.224 Disconnect Request TPDU',
  fixedSize: 1 /* length indicator */ + 1 /* code */ + 2 + 2 /* references */ + 1 /* reason */,
  encode(w, { destinationReference, reason }) {
    writeTpdu(w, () => w.u8(DISCONNECT_REQUEST).u16be(destinationReference).u16be(0).u8(reason));
  },
  decode(outer) {
    const r = readTpdu(outer, DISCONNECT_REQUEST);
    const destinationReference = r.u16be('destination reference');
    r.skip(2, 'source reference');
    return { destinationReference, reason: r.u8('reason') };
  },
};

/** @spec MS-RDPBCGR 2.2.1.3 x224Data (X.224 13.7): what comes before every MCS PDU. */
export function writeDataHeader(w: Writer): void {
  w.u8(2).u8(DATA).u8(EOT);
}

/** What a TPKT carries once the connection stands: the bytes of an MCS PDU, or the peer's goodbye. */
export function readData(payload: Uint8Array): { readonly mcs: Reader } | 'disconnected' {
  const r = new Reader(payload);
  const indicator = r.u8('length indicator');
  const code = r.u8('code');
  if (code === DISCONNECT_REQUEST) return 'disconnected';
  if (code !== DATA || indicator !== 2) r.fail('invalid', 'x224 data', `length ${indicator}, code ${code}`);
  r.skip(1, 'eot');
  return { mcs: r };
}

function writeTpdu(w: Writer, writeRest: () => void): void {
  const at = w.length;
  w.u8(0);
  writeRest();
  w.patchU8(at, w.length - at - 1);
}

function readTpdu(outer: Reader, expected: number): Reader {
  const r = outer.sub(outer.u8('length indicator'), 'tpdu');
  const code = r.u8('code') & 0xf0;
  if (code !== (expected & 0xf0)) r.fail('invalid', 'code', `is ${code}, not ${expected}`);
  return r;
}
