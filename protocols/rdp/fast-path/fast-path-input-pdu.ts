import type { Codec } from '../../wire/codec.js';
import type { Reader } from '../../wire/reader.js';
import type { Writer } from '../../wire/writer.js';
import { IGNORED, type InputEvent, type KeyboardEvent } from '../input/events.js';
import { readFastPathHeader } from './fast-path-header.js';

const SCANCODE = 0;
const MOUSE = 1;
const MOUSEX = 2;
const SYNC = 3;
const UNICODE = 4;
const RELATIVE_MOUSE = 5;
const QOE_TIMESTAMP = 6;

/** In the event header's lower five bits. */
const KEYBOARD_FLAG = { release: 1, extended: 2, extended1: 4 } as const;

const PREFIX_FLAGS = { none: 0, e0: KEYBOARD_FLAG.extended, e1: KEYBOARD_FLAG.extended1 } as const;

/** @spec MS-RDPBCGR 2.2.8.1.2 Client Fast-Path Input Event PDU (TS_FP_INPUT_PDU) */
export interface FastPathInputPdu {
  /** At most 255. */
  readonly events: readonly InputEvent[];
}

export const FastPathInputPdu: Codec<FastPathInputPdu> = {
  name: 'TS_FP_INPUT_PDU',
  fixedSize: 2, // fpInputHeader 1, length1 1
  encode(w, { events }) {
    const start = w.length;
    const inHeader = events.length > 0 && events.length < 16;
    w.u8(inHeader ? events.length << 2 : 0).u16be(0);
    if (!inHeader) w.u8(events.length);
    for (const event of events) encodeEvent(w, event);
    w.patchU16be(start + 1, 0x8000 | (w.length - start));
  },
  decode(r) {
    const { header, body } = readFastPathHeader(r);
    let count = (header >> 2) & 15;
    if (count === 0) count = body.u8('numEvents');
    const events: InputEvent[] = [];
    for (let i = 0; i < count; i++) events.push(decodeEvent(body));
    return { events };
  },
};

function encodeEvent(w: Writer, event: InputEvent): void {
  switch (event.kind) {
    case 'keyboard':
      w.u8((SCANCODE << 5) | PREFIX_FLAGS[event.prefix] | releaseFlag(event.down)).u8(event.code);
      break;
    case 'unicode':
      w.u8((UNICODE << 5) | releaseFlag(event.down)).u16le(event.unit);
      break;
    case 'mouse':
      w.u8(MOUSE << 5)
        .u16le(event.flags)
        .u16le(event.x)
        .u16le(event.y);
      break;
    case 'extended-mouse':
      w.u8(MOUSEX << 5)
        .u16le(event.flags)
        .u16le(event.x)
        .u16le(event.y);
      break;
    case 'synchronize':
      w.u8((SYNC << 5) | (event.toggles & 0x1f));
      break;
    case 'ignored':
      w.u8(QOE_TIMESTAMP << 5).u32le(0);
      break;
  }
}

function decodeEvent(r: Reader): InputEvent {
  const header = r.u8('eventHeader');
  const flags = header & 0x1f;
  switch (header >> 5) {
    case SCANCODE:
      return {
        kind: 'keyboard',
        code: r.u8('keyCode'),
        prefix: prefixOf(flags),
        down: (flags & KEYBOARD_FLAG.release) === 0,
      };
    case UNICODE:
      return { kind: 'unicode', unit: r.u16le('unicodeCode'), down: (flags & KEYBOARD_FLAG.release) === 0 };
    case MOUSE:
      return { kind: 'mouse', ...pointer(r) };
    case MOUSEX:
      return { kind: 'extended-mouse', ...pointer(r) };
    case SYNC:
      return { kind: 'synchronize', toggles: flags };
    case QOE_TIMESTAMP:
      r.skip(4, 'timestamp');
      return IGNORED;
    case RELATIVE_MOUSE:
      return r.fail('unsupported', 'eventCode', 'relative mouse events were not announced');
    default:
      return r.fail('invalid', 'eventCode', `${header >> 5} is not defined`);
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
