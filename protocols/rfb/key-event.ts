import type { Codec } from '../wire/codec.js';
import { expectType } from './expect-type.js';
import { CLIENT_MESSAGE, QEMU_CLIENT_SUBMESSAGE } from './message-types.js';

/** @spec RFC 6143 7.5.4 KeyEvent */
export interface KeyEvent {
  readonly down: boolean;
  /** X11 keysym. */
  readonly keysym: number;
}

export const KeyEvent: Codec<KeyEvent> = {
  name: 'KeyEvent',
  fixedSize: 8 /* type 1, down-flag 1, padding 2, key 4 */,
  encode(w, v) {
    w.u8(CLIENT_MESSAGE.keyEvent)
      .u8(v.down ? 1 : 0)
      .zeros(2)
      .u32be(v.keysym);
  },
  decode(r) {
    expectType(r, CLIENT_MESSAGE.keyEvent);
    const down = r.u8('down-flag') !== 0;
    r.skip(2, 'padding');
    return { down, keysym: r.u32be('key') };
  },
};

/** @spec rfbproto QEMU Extended Key Event Message */
export interface QemuExtendedKeyEvent {
  readonly down: boolean;
  /** X11 keysym, 0 where unknown. */
  readonly keysym: number;
  /** XT make code; 0x80 is set for keys with an E0 prefix. */
  readonly keycode: number;
}

export const QemuExtendedKeyEvent: Codec<QemuExtendedKeyEvent> = {
  name: 'QemuExtendedKeyEvent',
  fixedSize: 12 /* type 1, submessage 1, down-flag 2, keysym 4, keycode 4 */,
  encode(w, v) {
    w.u8(CLIENT_MESSAGE.qemu).u8(QEMU_CLIENT_SUBMESSAGE.extendedKeyEvent);
    w.u16be(v.down ? 1 : 0)
      .u32be(v.keysym)
      .u32be(v.keycode);
  },
  decode(r) {
    expectType(r, CLIENT_MESSAGE.qemu);
    const submessage = r.u8('submessage-type');
    if (submessage !== QEMU_CLIENT_SUBMESSAGE.extendedKeyEvent) {
      r.fail('invalid', 'submessage-type', `${submessage} is no extended key event`);
    }
    return { down: r.u16be('down-flag') !== 0, keysym: r.u32be('keysym'), keycode: r.u32be('keycode') };
  },
};
