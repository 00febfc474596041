import type { Codec } from '../wire/codec.js';
import { expectType } from './expect-type.js';
import { type LayoutScreen, readScreens, SCREEN_BYTES, writeScreens } from './extended-desktop-size.js';
import { CLIENT_MESSAGE } from './message-types.js';

/** @spec rfbproto SetDesktopSize */
export interface SetDesktopSize {
  readonly width: number;
  readonly height: number;
  readonly screens: readonly LayoutScreen[];
}

export const SetDesktopSize: Codec<SetDesktopSize> = {
  name: 'SetDesktopSize',
  fixedSize: 8 /* type 1, padding 1, width 2, height 2, number-of-screens 1, padding 1 */,
  encode(w, v) {
    w.u8(CLIENT_MESSAGE.setDesktopSize).zeros(1).u16be(v.width).u16be(v.height).u8(v.screens.length).zeros(1);
    writeScreens(w, v.screens);
  },
  decode(r) {
    expectType(r, CLIENT_MESSAGE.setDesktopSize);
    r.skip(1, 'padding');
    const width = r.u16be('width');
    const height = r.u16be('height');
    const count = r.u8('number-of-screens');
    r.skip(1, 'padding');
    return { width, height, screens: readScreens(r.sub(count * SCREEN_BYTES, 'screens')) };
  },
};
