import type { Codec } from '../wire/codec.js';

/** @spec RFC 6143 7.1.2 Security types, and rfbproto for those it leaves out */
export const SECURITY_TYPE = { invalid: 0, none: 1, vncAuth: 2, ra2: 5, tight: 16, veNCrypt: 19, appleDh: 30 } as const;

/** VncAuth's challenge and its response. */
export const CHALLENGE_BYTES = 16;
/** Longest reason taken from a peer. */
const MAX_REASON_BYTES = 4096;

/**
 * What the server offers from 3.7 on; an empty list means it refuses, and a FailureReason follows.
 * @spec RFC 6143 7.1.2 Security Handshake
 */
export interface SecurityTypes {
  readonly types: readonly number[];
}

export const SecurityTypes: Codec<SecurityTypes> = {
  name: 'SecurityTypes',
  fixedSize: 1 /* number-of-security-types */,
  encode(w, v) {
    w.u8(v.types.length).bytes(Uint8Array.from(v.types));
  },
  decode(r) {
    return { types: [...r.take(r.u8('number-of-security-types'), 'security-types')] };
  },
};

/** The client's choice from 3.7 on. @spec RFC 6143 7.1.2 Security Handshake (security-type) */
export interface SecurityChoice {
  readonly type: number;
}

export const SecurityChoice: Codec<SecurityChoice> = {
  name: 'SecurityChoice',
  fixedSize: 1,
  encode(w, v) {
    w.u8(v.type);
  },
  decode(r) {
    return { type: r.u8('security-type') };
  },
};

/**
 * The server's decision in 3.3; type 0 means it refuses, and a FailureReason follows.
 * @spec RFC 6143 A.1 Differences in the Version 3.3 Protocol
 */
export interface SecurityDecision {
  readonly type: number;
}

export const SecurityDecision: Codec<SecurityDecision> = {
  name: 'SecurityDecision',
  fixedSize: 4,
  encode(w, v) {
    w.u32be(v.type);
  },
  decode(r) {
    return { type: r.u32be('security-type') };
  },
};

/** Status 0 is success. From 3.8 on a FailureReason follows any other. @spec RFC 6143 7.1.3 SecurityResult */
export interface SecurityResult {
  readonly status: number;
}

export const SecurityResult: Codec<SecurityResult> = {
  name: 'SecurityResult',
  fixedSize: 4,
  encode(w, v) {
    w.u32be(v.status);
  },
  decode(r) {
    return { status: r.u32be('status') };
  },
};

/** @spec RFC 6143 7.1.2 Security Handshake (reason-string) */
export interface FailureReason {
  readonly reason: string;
}

export const FailureReason: Codec<FailureReason> = {
  name: 'FailureReason',
  fixedSize: 4 /* reason-length */,
  encode(w, v) {
    w.u32be(v.reason.length).latin1(v.reason);
  },
  decode(r) {
    const length = r.u32be('reason-length');
    if (length > MAX_REASON_BYTES) r.fail('limit', 'reason-length', `${length} bytes of reason`);
    return { reason: r.latin1(length, 'reason-string') };
  },
};
