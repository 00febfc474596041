import type { Codec } from '../wire/codec.js';
import { utf8Bytes, utf8Text } from '../wire/utf8.js';
import type { ProtocolVersion } from './protocol-version.js';

/** With this version a repeater asks a viewer where it wants to go; the handshake begins after the answer. */
export const REPEATER_VERSION: ProtocolVersion = { major: 0, minor: 0 };

const ID_BYTES = 250;

/**
 * Where a viewer wants to go, as it tells UltraVNC's repeater: `ID:NAME` in mode II, `HOST:DISPLAY` or `HOST::PORT`
 * in mode I. No document specifies it; UltraVNC, libvncclient and noVNC agree on 250 bytes, NUL-padded.
 */
export interface RepeaterId {
  readonly id: string;
}

export const RepeaterId: Codec<RepeaterId> = {
  name: 'RepeaterId',
  fixedSize: ID_BYTES,
  encode(w, v) {
    const bytes = utf8Bytes(v.id).subarray(0, ID_BYTES);
    w.bytes(bytes).zeros(ID_BYTES - bytes.length);
  },
  decode(r) {
    const bytes = r.take(ID_BYTES, 'repeater-id');
    const end = bytes.indexOf(0);
    return { id: utf8Text(end < 0 ? bytes : bytes.subarray(0, end)) };
  },
};

/** The name in it, however the viewer puts it: a person has typed it where the viewer asks for a host or for an ID. */
export function nameInRepeaterId(id: string): string {
  const name = /^ID:(.*)$/is.exec(id)?.[1] ?? id.replace(/::?\d*$/, '');
  return name.trim();
}
