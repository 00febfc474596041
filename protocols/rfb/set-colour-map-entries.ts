import type { Codec } from '../wire/codec.js';
import { expectType } from './expect-type.js';
import { SERVER_MESSAGE } from './message-types.js';

/** One colour, 16 bits a channel. */
export interface MapColour {
  readonly red: number;
  readonly green: number;
  readonly blue: number;
}

/** @spec RFC 6143 7.6.2 SetColorMapEntries */
export interface SetColourMapEntries {
  readonly firstColour: number;
  readonly colours: readonly MapColour[];
}

export const SetColourMapEntries: Codec<SetColourMapEntries> = {
  name: 'SetColourMapEntries',
  fixedSize: 6 /* type 1, padding 1, first-color 2, number-of-colors 2 */,
  encode(w, v) {
    w.u8(SERVER_MESSAGE.setColourMapEntries).zeros(1).u16be(v.firstColour).u16be(v.colours.length);
    for (const c of v.colours) w.u16be(c.red).u16be(c.green).u16be(c.blue);
  },
  decode(r) {
    expectType(r, SERVER_MESSAGE.setColourMapEntries);
    r.skip(1, 'padding');
    const firstColour = r.u16be('first-color');
    const list = r.sub(r.u16be('number-of-colors') * 6, 'colors');
    const colours: MapColour[] = [];
    while (list.remaining > 0)
      colours.push({ red: list.u16be('red'), green: list.u16be('green'), blue: list.u16be('blue') });
    return { firstColour, colours };
  },
};
