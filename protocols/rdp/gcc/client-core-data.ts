import type { Codec } from '../../wire/codec.js';
import type { Reader } from '../../wire/reader.js';

/** @spec MS-RDPBCGR 2.2.1.3.2 earlyCapabilityFlags */
export const EARLY_CAPABILITY = {
  supportErrorInfo: 0x0001,
  want32Bpp: 0x0002,
  dynamicTimeZone: 0x0200,
  graphicsPipeline: 0x0100,
} as const;

/** @spec MS-RDPBCGR 2.2.1.3.2 supportedColorDepths */
export const COLOR_DEPTH = { bpp24: 0x01, bpp16: 0x02, bpp15: 0x04, bpp32: 0x08 } as const;

const NAME_UNITS = 16;
const IME_FILE_NAME_UNITS = 32;
const PRODUCT_ID_UNITS = 32;

/**
 * @spec MS-RDPBCGR 2.2.1.3.2 Client Core Data (TS_UD_CS_CORE)
 *
 * From `postBeta2ColorDepth` on a field is there only if all before it are: clients stop where their age ends.
 */
export interface ClientCoreData {
  readonly version: number;
  readonly desktopWidth: number;
  readonly desktopHeight: number;
  readonly colorDepth: number;
  readonly keyboardLayout: number;
  readonly clientBuild: number;
  readonly clientName: string;
  readonly keyboardType: number;
  readonly keyboardSubType: number;
  readonly keyboardFunctionKeys: number;
  readonly postBeta2ColorDepth?: number;
  readonly highColorDepth?: number;
  readonly supportedColorDepths?: number;
  readonly earlyCapabilityFlags?: number;
  readonly connectionType?: number;
  readonly serverSelectedProtocol?: number;
}

export const ClientCoreData: Codec<ClientCoreData> = {
  name: 'Client Core Data (TS_UD_CS_CORE)',
  // version, width, height, depth, SAS, layout, build, name, keyboard type, sub type, function keys, IME file
  fixedSize: 4 + 2 + 2 + 2 + 2 + 4 + 4 + NAME_UNITS * 2 + 4 + 4 + 4 + IME_FILE_NAME_UNITS * 2,
  encode(w, v) {
    w.u32le(v.version).u16le(v.desktopWidth).u16le(v.desktopHeight).u16le(v.colorDepth);
    w.u16le(0xaa03 /* SASSequence: RNS_UD_SAS_DEL, the only value */);
    w.u32le(v.keyboardLayout).u32le(v.clientBuild).utf16le(v.clientName, NAME_UNITS);
    w.u32le(v.keyboardType).u32le(v.keyboardSubType).u32le(v.keyboardFunctionKeys);
    w.utf16le('', IME_FILE_NAME_UNITS);
    if (v.postBeta2ColorDepth === undefined) return;
    w.u16le(v.postBeta2ColorDepth).u16le(1 /* clientProductId */).u32le(0 /* serialNumber */);
    if (v.highColorDepth === undefined) return;
    w.u16le(v.highColorDepth);
    if (v.supportedColorDepths === undefined) return;
    w.u16le(v.supportedColorDepths);
    if (v.earlyCapabilityFlags === undefined) return;
    w.u16le(v.earlyCapabilityFlags).utf16le('', PRODUCT_ID_UNITS);
    if (v.connectionType === undefined) return;
    w.u8(v.connectionType).u8(0);
    if (v.serverSelectedProtocol === undefined) return;
    w.u32le(v.serverSelectedProtocol);
  },
  decode(r) {
    const version = r.u32le('version');
    const desktopWidth = r.u16le('desktopWidth');
    const desktopHeight = r.u16le('desktopHeight');
    const colorDepth = r.u16le('colorDepth');
    r.skip(2, 'SASSequence');
    const fixed = {
      version,
      desktopWidth,
      desktopHeight,
      colorDepth,
      keyboardLayout: r.u32le('keyboardLayout'),
      clientBuild: r.u32le('clientBuild'),
      clientName: r.utf16le(NAME_UNITS * 2, 'clientName'),
      keyboardType: r.u32le('keyboardType'),
      keyboardSubType: r.u32le('keyboardSubType'),
      keyboardFunctionKeys: r.u32le('keyboardFunctionKey'),
    };
    r.skip(IME_FILE_NAME_UNITS * 2, 'imeFileName');
    return { ...fixed, ...readOptional(r) };
  },
};

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function readOptional(r: Reader): Partial<ClientCoreData> {
  const v: Mutable<Partial<ClientCoreData>> = {};
  if (r.remaining < 2 + 2 + 4) return v;
  v.postBeta2ColorDepth = r.u16le('postBeta2ColorDepth');
  r.skip(2 + 4, 'clientProductId and serialNumber');
  if (r.remaining < 2) return v;
  v.highColorDepth = r.u16le('highColorDepth');
  if (r.remaining < 2) return v;
  v.supportedColorDepths = r.u16le('supportedColorDepths');
  if (r.remaining < 2) return v;
  v.earlyCapabilityFlags = r.u16le('earlyCapabilityFlags');
  if (r.remaining < PRODUCT_ID_UNITS * 2 + 2) return v;
  r.skip(PRODUCT_ID_UNITS * 2, 'clientDigProductId');
  v.connectionType = r.u8('connectionType');
  r.skip(1, 'pad1octet');
  if (r.remaining < 4) return v;
  v.serverSelectedProtocol = r.u32le('serverSelectedProtocol');
  return v;
}

/**
 * Bits a pixel for the session: what the client asks for. Eight and four are answered with sixteen, which the
 * specification leaves to the server (it names the session's depth in its Bitmap Capability Set): a palette serves
 * nobody who can do TLS.
 */
export function sessionColorDepth(core: ClientCoreData): 15 | 16 | 24 | 32 {
  const supported = core.supportedColorDepths ?? 0;
  const early = core.earlyCapabilityFlags ?? 0;
  if ((early & EARLY_CAPABILITY.want32Bpp) !== 0 && (supported & COLOR_DEPTH.bpp32) !== 0) return 32;
  const wanted = core.highColorDepth ?? POST_BETA2_BITS[core.postBeta2ColorDepth ?? 0] ?? 0;
  if (wanted >= 24) return 24;
  return wanted === 15 ? 15 : 16;
}

/** @spec MS-RDPBCGR 2.2.1.3.2 postBeta2ColorDepth, where highColorDepth is absent. */
const POST_BETA2_BITS: Readonly<Record<number, number>> = { 51714: 15, 51715: 16, 51716: 24 };
