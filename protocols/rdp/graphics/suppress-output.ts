import type { Codec } from '../../wire/codec.js';
import { decodeRectangle16, encodeRectangle16, type Rectangle16 } from './rectangle16.js';

const SUPPRESS_DISPLAY_UPDATES = 0;
const ALLOW_DISPLAY_UPDATES = 1;

/** @spec MS-RDPBCGR 2.2.11.3.1 Suppress Output PDU Data (TS_SUPPRESS_OUTPUT_PDU) */
export interface SuppressOutput {
  /** The part of the desktop that the client shows again; undefined: it shows nothing, send nothing. */
  readonly desktop: Rectangle16 | undefined;
}

export const SuppressOutput: Codec<SuppressOutput> = {
  name: 'TS_SUPPRESS_OUTPUT_PDU',
  fixedSize: 4, // allowDisplayUpdates 1, pad3Octets 3
  encode(w, { desktop }) {
    w.u8(desktop === undefined ? SUPPRESS_DISPLAY_UPDATES : ALLOW_DISPLAY_UPDATES).zeros(3);
    if (desktop !== undefined) encodeRectangle16(w, desktop);
  },
  decode(r) {
    const allow = r.u8('allowDisplayUpdates');
    r.skip(3, 'pad3Octets');
    return { desktop: allow === SUPPRESS_DISPLAY_UPDATES ? undefined : decodeRectangle16(r) };
  },
};
