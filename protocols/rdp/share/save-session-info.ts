import type { Codec } from '../../wire/codec.js';

/** @spec MS-RDPBCGR 2.2.10.1.1 infoType */
const PLAIN_NOTIFY = 0x0000_0002;
/** @spec MS-RDPBCGR 2.2.10.1.1.3 Plain Notify (TS_PLAIN_NOTIFY): padding. */
const PLAIN_NOTIFY_BYTES = 576;

/**
 * @spec MS-RDPBCGR 2.2.10.1.1 Save Session Info PDU Data (TS_SAVE_SESSION_INFO_PDU_DATA)
 *
 * In its plain form: somebody has logged on. Some clients keep their progress window until it comes.
 */
export type SaveSessionInfo = Record<never, never>;

export const SaveSessionInfo: Codec<SaveSessionInfo> = {
  name: 'Save Session Info PDU Data (TS_SAVE_SESSION_INFO_PDU_DATA)',
  fixedSize: 4 /* infoType */ + PLAIN_NOTIFY_BYTES,
  encode: (w) => void w.u32le(PLAIN_NOTIFY).zeros(PLAIN_NOTIFY_BYTES),
  decode(r) {
    const type = r.u32le('infoType');
    if (type !== PLAIN_NOTIFY) r.fail('unsupported', 'infoType', `is ${type}`);
    r.skip(PLAIN_NOTIFY_BYTES, 'plain notify');
    return {};
  },
};
