import { type Codec, encode } from '../wire/codec.js';
import { SendDataIndication } from './mcs/domain.js';
import { PDU_TYPE, ShareControlPdu } from './share/share-control.js';
import { ShareData } from './share/share-data.js';
import { tpkt } from './tpkt.js';
import { writeDataHeader } from './x224.js';

/** The server's own MCS user, which signs what it sends. */
export const SERVER_USER_ID = 1002;

/** Any number: there is one share a connection. */
export const SHARE_ID = 0x0001_03ea;

/** The layers around what a server sends, outermost first: TPKT, X.224 data, then an MCS PDU. */
export function mcsPdu<T>(codec: Codec<T>, value: T): Uint8Array {
  return tpkt((w) => {
    writeDataHeader(w);
    codec.encode(w, value);
  });
}

/** Data on one MCS channel. Throws RangeError over 16 KiB, which the peers' lengths cannot say. */
export function channelPdu(channelId: number, userData: Uint8Array): Uint8Array {
  return mcsPdu(SendDataIndication, { initiator: SERVER_USER_ID, channelId, userData });
}

/** A share control PDU on the I/O channel. */
export function sharePdu(channelId: number, type: number, body: Uint8Array): Uint8Array {
  return channelPdu(channelId, encode(ShareControlPdu, { type, source: SERVER_USER_ID, body }));
}

/** A share data PDU on the I/O channel. */
export function shareDataPdu(channelId: number, data: ShareData): Uint8Array {
  return sharePdu(channelId, PDU_TYPE.data, encode(ShareData, data));
}
