import type { Codec } from '../wire/codec.js';

/** @spec RFC 6143 7.1.1 ProtocolVersion */
export interface ProtocolVersion {
  readonly major: number;
  readonly minor: number;
}

export const ProtocolVersion: Codec<ProtocolVersion> = {
  name: 'ProtocolVersion',
  fixedSize: 12 /* "RFB xxx.yyy\n" */,
  encode(w, v) {
    w.latin1(`RFB ${digits(v.major)}.${digits(v.minor)}\n`);
  },
  decode(r) {
    const text = r.latin1(12, 'ProtocolVersion');
    const match = /^RFB (\d{3})\.(\d{3})\n$/.exec(text);
    if (match === null) return r.fail('invalid', 'ProtocolVersion', 'not of the form "RFB xxx.yyy\\n"');
    return { major: Number(match[1]), minor: Number(match[2]) };
  },
};

/** The versions that exist; whatever else a peer says stands for one of these. */
export type SpokenVersion = '3.3' | '3.7' | '3.8';

/**
 * The version to speak with a peer that answered `v`. Apple's 3.889 and RealVNC's 4.x and 5.x speak 3.8;
 * every other 3.x, among them the 3.5 that some servers announced by mistake, is 3.3.
 */
export function spokenVersion(v: ProtocolVersion): SpokenVersion | undefined {
  if (v.major < 3) return undefined;
  if (v.major > 3 || v.minor >= 8) return '3.8';
  return v.minor === 7 ? '3.7' : '3.3';
}

function digits(value: number): string {
  return String(value).padStart(3, '0');
}
