import type { Codec } from '../../wire/codec.js';
import type { Reader } from '../../wire/reader.js';
import type { Writer } from '../../wire/writer.js';
import { IGNORED, type InputEvent, type KeyboardEvent } from './events.js';

const SYNC = 0x0000;
const UNUSED = 0x0002;
const SCANCODE = 0x0004;
const UNICODE = 0x0005;
const MOUSE = 0x8001;
const MOUSEX = 0x8002;

const KEYBOARD_FLAG = { extended: 0x0100, extended1: 0x0200, release: 0x8000 } as const;

const PREFIX_FLAGS = { none: 0, e0: KEYBOARD_FLAG.extended, e1: KEYBOARD_FLAG.extended1 } as const;

/** @spec MS-RDPBCGR 2.2.8.1.1.3.1 Client Input Event PDU Data (TS_INPUT_PDU_DATA) */
export interface InputPduData {
  readonly events: readonly InputEvent[];
}

export const InputPduData: Codec<InputPduData> = {
  name: 'TS_INPUT_PDU_DATA',
  fixedSize: 4, // numEvents 2, pad2Octets 2
  encode(w, { events }) {
    w.u16le(events.length).u16le(0);
    for (const event of events) encodeEvent(w, event);
  },
  decode(r) {
    const count = r.u16le('numEvents');
    r.skip(2, 'pad2Octets');
    const events: InputEvent[] = [];
    for (let i = 0; i < count; i++) events.push(decodeEvent(r));
    return { events };
  },
};

function encodeEvent(w: Writer, event: InputEvent): void {
  w.u32le(0); // eventTime: ignored by servers
  switch (event.kind) {
    case 'synchronize':
      w.u16le(SYNC).u16le(0).u32le(event.toggles);
      break;
    case 'keyboard':
      w.u16le(SCANCODE).u16le(PREFIX_FLAGS[event.prefix] | releaseFlag(event.down));
      w.u16le(event.code).u16le(0);
      break;
    case 'unicode':
      w.u16le(UNICODE).u16le(releaseFlag(event.down)).u16le(event.unit).u16le(0);
      break;
    case 'mouse':
      w.u16le(MOUSE).u16le(event.flags).u16le(event.x).u16le(event.y);
      break;
    case 'extended-mouse':
      w.u16le(MOUSEX).u16le(event.flags).u16le(event.x).u16le(event.y);
      break;
    case 'ignored':
      w.u16le(UNUSED).zeros(6);
      break;
  }
}

function decodeEvent(r: Reader): InputEvent {
  r.skip(4, 'eventTime');
  const type = r.u16le('messageType');
  switch (type) {
    case SYNC:
      r.skip(2, 'pad2Octets');
      return { kind: 'synchronize', toggles: r.u32le('toggleFlags') };
    case SCANCODE: {
      const flags = r.u16le('keyboardFlags');
      const code = r.u16le('keyCode');
      r.skip(2, 'pad2Octets');
      return { kind: 'keyboard', code, prefix: prefixOf(flags), down: (flags & KEYBOARD_FLAG.release) === 0 };
    }
    case UNICODE: {
      const flags = r.u16le('keyboardFlags');
      const unit = r.u16le('unicodeCode');
      r.skip(2, 'pad2Octets');
      return { kind: 'unicode', unit, down: (flags & KEYBOARD_FLAG.release) === 0 };
    }
    case MOUSE:
      return { kind: 'mouse', ...pointer(r) };
    case MOUSEX:
      return { kind: 'extended-mouse', ...pointer(r) };
    case UNUSED:
      r.skip(6, 'pad');
      return IGNORED;
    default:
      // Its length is unknown, so that nothing behind it can be found.
      return r.fail('unsupported', 'messageType', `0x${type.toString(16)} was not announced`);
  }
}

function pointer(r: Reader): { flags: number; x: number; y: number } {
  return { flags: r.u16le('pointerFlags'), x: r.u16le('xPos'), y: r.u16le('yPos') };
}

function releaseFlag(down: boolean): number {
  return down ? 0 : KEYBOARD_FLAG.release;
}

function prefixOf(flags: number): KeyboardEvent['prefix'] {
  if ((flags & KEYBOARD_FLAG.extended1) !== 0) return 'e1';
  return (flags & KEYBOARD_FLAG.extended) !== 0 ? 'e0' : 'none';
}
