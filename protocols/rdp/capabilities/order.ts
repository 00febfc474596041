import type { Codec } from '../../wire/codec.js';

/** @spec MS-RDPBCGR 2.2.7.1.3 orderFlags: the first two have to be set. */
export const ORDER_FLAG = { negotiateOrderSupport: 0x0002, zeroBoundsDeltas: 0x0008 } as const;

const TERMINAL_DESCRIPTOR_BYTES = 16;
/** One byte an order. */
const ORDER_SUPPORT_BYTES = 32;

/** @spec MS-RDPBCGR 2.2.7.1.3 Order Capability Set (TS_ORDER_CAPABILITYSET) */
export interface OrderCapability {
  readonly orderFlags: number;
  /** Whether the peer takes each of 32 drawing orders. */
  readonly orderSupport: Uint8Array;
}

export const OrderCapability: Codec<OrderCapability> = {
  name: 'Order Capability Set (TS_ORDER_CAPABILITYSET)',
  // terminal, pad, granularity x and y, pad, level, fonts, flags, orders, text and extended flags, pad, save size,
  // pad, pad, code page, pad
  fixedSize:
    TERMINAL_DESCRIPTOR_BYTES + 4 + 2 + 2 + 2 + 2 + 2 + 2 + ORDER_SUPPORT_BYTES + 2 + 2 + 4 + 4 + 2 + 2 + 2 + 2,
  encode(w, { orderFlags, orderSupport }) {
    w.zeros(TERMINAL_DESCRIPTOR_BYTES + 4);
    w.u16le(1 /* desktopSaveXGranularity */).u16le(20 /* desktopSaveYGranularity */).u16le(0);
    w.u16le(1 /* maximumOrderLevel: ORD_LEVEL_1_ORDERS */).u16le(0 /* numberFonts */).u16le(orderFlags);
    w.bytes(orderSupport);
    w.zeros(2 + 2 + 4 /* textFlags, orderSupportExFlags */)
      .u32le(0 /* desktopSaveSize */)
      .zeros(8);
  },
  decode(r) {
    r.skip(TERMINAL_DESCRIPTOR_BYTES + 4 + 10, 'terminalDescriptor to numberFonts');
    const orderFlags = r.u16le('orderFlags');
    const orderSupport = r.take(ORDER_SUPPORT_BYTES, 'orderSupport');
    r.skip(20, 'textFlags to textANSICodePage');
    return { orderFlags, orderSupport };
  },
};
