import type { Codec } from '../../wire/codec.js';
import { decodeRectangle16, encodeRectangle16, type Rectangle16 } from './rectangle16.js';

/** @spec MS-RDPBCGR 2.2.11.2.1 Refresh Rect PDU Data (TS_REFRESH_RECT_PDU) */
export interface RefreshRect {
  /** At most 255. */
  readonly areas: readonly Rectangle16[];
}

export const RefreshRect: Codec<RefreshRect> = {
  name: 'TS_REFRESH_RECT_PDU',
  fixedSize: 4, // numberOfAreas 1, pad3Octets 3
  encode(w, { areas }) {
    w.u8(areas.length).zeros(3);
    for (const area of areas) encodeRectangle16(w, area);
  },
  decode(r) {
    const count = r.u8('numberOfAreas');
    r.skip(3, 'pad3Octets');
    const areas: Rectangle16[] = [];
    for (let i = 0; i < count; i++) areas.push(decodeRectangle16(r));
    return { areas };
  },
};
