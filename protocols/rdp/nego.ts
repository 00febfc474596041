import type { Codec } from '../wire/codec.js';
import type { Reader } from '../wire/reader.js';

/** @spec MS-RDPBCGR 2.2.1.1.1 requestedProtocols and 2.2.1.2.1 selectedProtocol. Bits; RDP security is none of them. */
export const PROTOCOL = { rdp: 0, ssl: 1, hybrid: 2, rdstls: 4, hybridEx: 8, rdsaad: 0x10 } as const;

/** @spec MS-RDPBCGR 2.2.1.2.1 flags of RDP_NEG_RSP. */
export const NEGOTIATION_FLAG = { extendedClientData: 0x01, graphicsPipeline: 0x02 } as const;

/** @spec MS-RDPBCGR 2.2.1.2.2 failureCode. */
export const NEGOTIATION_FAILURE = {
  sslRequiredByServer: 1,
  sslNotAllowedByServer: 2,
  sslCertNotOnServer: 3,
  inconsistentFlags: 4,
  hybridRequiredByServer: 5,
} as const;

const TYPE_REQUEST = 1;
const TYPE_RESPONSE = 2;
const TYPE_FAILURE = 3;
const BYTES = 8;

/** @spec MS-RDPBCGR 2.2.1.1.1 RDP Negotiation Request (RDP_NEG_REQ) */
export interface NegotiationRequest {
  readonly flags: number;
  /** Bits of PROTOCOL, and maybe bits from after our time. */
  readonly protocols: number;
}

export const NegotiationRequest: Codec<NegotiationRequest> = {
  name: 'RDP Negotiation Request (RDP_NEG_REQ)',
  fixedSize: 1 /* type */ + 1 /* flags */ + 2 /* length */ + 4 /* requestedProtocols */,
  encode: (w, { flags, protocols }) => void w.u8(TYPE_REQUEST).u8(flags).u16le(BYTES).u32le(protocols),
  decode(r) {
    const flags = readHeader(r, TYPE_REQUEST);
    return { flags, protocols: r.u32le('requestedProtocols') };
  },
};

/** @spec MS-RDPBCGR 2.2.1.2.1 RDP Negotiation Response (RDP_NEG_RSP) */
export interface NegotiationResponse {
  readonly flags: number;
  readonly protocol: number;
}

export const NegotiationResponse: Codec<NegotiationResponse> = {
  name: 'RDP Negotiation Response (RDP_NEG_RSP)',
  fixedSize: 1 /* type */ + 1 /* flags */ + 2 /* length */ + 4 /* selectedProtocol */,
  encode: (w, { flags, protocol }) => void w.u8(TYPE_RESPONSE).u8(flags).u16le(BYTES).u32le(protocol),
  decode(r) {
    const flags = readHeader(r, TYPE_RESPONSE);
    return { flags, protocol: r.u32le('selectedProtocol') };
  },
};

/** @spec MS-RDPBCGR 2.2.1.2.2 RDP Negotiation Failure (RDP_NEG_FAILURE) */
export interface NegotiationFailure {
  readonly code: number;
}

export const NegotiationFailure: Codec<NegotiationFailure> = {
  name: 'RDP Negotiation Failure (RDP_NEG_FAILURE)',
  fixedSize: 1 /* type */ + 1 /* flags */ + 2 /* length */ + 4 /* failureCode */,
  encode: (w, { code }) => void w.u8(TYPE_FAILURE).u8(0).u16le(BYTES).u32le(code),
  decode(r) {
    readHeader(r, TYPE_FAILURE);
    return { code: r.u32le('failureCode') };
  },
};

function readHeader(r: Reader, expected: number): number {
  const type = r.u8('type');
  if (type !== expected) r.fail('invalid', 'type', `is ${type}, not ${expected}`);
  const flags = r.u8('flags');
  const length = r.u16le('length');
  if (length !== BYTES) r.fail('invalid', 'length', `is ${length}, not ${BYTES}`);
  return flags;
}

/** Whether a negotiation request starts here; a routing line never begins with its type byte. */
export function startsNegotiation(r: Reader): boolean {
  return r.remaining >= BYTES && r.bytes[r.position] === TYPE_REQUEST;
}

/**
 * Settles on a security protocol, the strongest that both sides have; undefined where there is none.
 * Bits that we do not know are no reason to refuse.
 */
export function chooseProtocol(requested: number, offered: readonly number[]): number | undefined {
  return offered.find((protocol) => (requested & protocol) !== 0);
}

/**
 * The user named by a `Cookie: mstshash=` line. Nothing proves it, and mstsc cuts it to nine characters:
 * good for routing and for logs, not for trust.
 */
export function cookieUser(routing: string | undefined): string | undefined {
  return routing === undefined ? undefined : /^Cookie: mstshash=(.+)$/.exec(routing)?.[1];
}
