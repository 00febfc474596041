import type { Codec } from '../../wire/codec.js';

/** @spec MS-RDPBCGR 2.2.7.1.6 inputFlags */
export const INPUT_FLAG = {
  scancodes: 0x0001,
  extendedMouse: 0x0004,
  fastPath: 0x0008,
  unicode: 0x0010,
  fastPath2: 0x0020,
  horizontalWheel: 0x0100,
} as const;

const IME_FILE_NAME_BYTES = 64;

/** @spec MS-RDPBCGR 2.2.7.1.6 Input Capability Set (TS_INPUT_CAPABILITYSET) */
export interface InputCapability {
  readonly inputFlags: number;
  readonly keyboardLayout: number;
  readonly keyboardType: number;
  readonly keyboardSubType: number;
  readonly keyboardFunctionKeys: number;
}

export const InputCapability: Codec<InputCapability> = {
  name: 'Input Capability Set (TS_INPUT_CAPABILITYSET)',
  fixedSize: 2 /* inputFlags */ + 2 /* pad2octetsA */ + 4 * 4 /* keyboard */ + IME_FILE_NAME_BYTES,
  encode(w, v) {
    w.u16le(v.inputFlags).u16le(0).u32le(v.keyboardLayout);
    w.u32le(v.keyboardType).u32le(v.keyboardSubType).u32le(v.keyboardFunctionKeys).zeros(IME_FILE_NAME_BYTES);
  },
  decode(r) {
    const inputFlags = r.u16le('inputFlags');
    r.skip(2, 'pad2octetsA');
    const value = {
      inputFlags,
      keyboardLayout: r.u32le('keyboardLayout'),
      keyboardType: r.u32le('keyboardType'),
      keyboardSubType: r.u32le('keyboardSubType'),
      keyboardFunctionKeys: r.u32le('keyboardFunctionKey'),
    };
    r.skip(IME_FILE_NAME_BYTES, 'imeFileName');
    return value;
  },
};
