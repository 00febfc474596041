import type { Codec } from '../../wire/codec.js';
import type { Reader } from '../../wire/reader.js';
import type { Writer } from '../../wire/writer.js';
import * as per from '../per.js';

/** @spec MS-RDPBCGR 2.2.1.5 DomainMCSPDU (T.125 7): the choice stands in the upper six bits of the first byte. */
export const DOMAIN_PDU = {
  erectDomainRequest: 1,
  disconnectProviderUltimatum: 8,
  attachUserRequest: 10,
  attachUserConfirm: 11,
  channelJoinRequest: 14,
  channelJoinConfirm: 15,
  sendDataRequest: 25,
  sendDataIndication: 26,
} as const;

/** T.125 7 Result. */
export const RESULT = { successful: 0, noSuchChannel: 3 } as const;

/** T.125 7 Reason. */
export const REASON = { domainDisconnected: 0, providerInitiated: 1, tokenPurged: 2, userRequested: 3 } as const;

/** User ids are sent as the distance from the lowest one. */
const LOWEST_USER_ID = 1001;
/** Data priority 'high', and one segment that is both first and last. */
const PRIORITY_AND_SEGMENTATION = 0x70;

/** A Result's four bits straddle a byte: the highest is the last of the choice's byte. */
function resultBits(result: number): { readonly first: number; readonly second: number } {
  return { first: result >> 3, second: (result & 0x07) << 5 };
}

function readResult(options: number, r: Reader): number {
  return ((options & 0x01) << 3) | (r.u8('result') >> 5);
}

/** Which DomainMCSPDU starts here. */
export function domainPduChoice(r: Reader): number {
  return r.peekU8('domain pdu') >> 2;
}

function readChoice(r: Reader, expected: number): number {
  const byte = r.u8('domain pdu');
  if (byte >> 2 !== expected) r.fail('invalid', 'domain pdu', `is ${byte >> 2}, not ${expected}`);
  return byte & 0x03;
}

function readUserId(r: Reader, field: string): number {
  const id = r.u16be(field) + LOWEST_USER_ID;
  if (id > 0xffff) r.fail('invalid', field, 'is over 65535');
  return id;
}

function writeUserId(w: Writer, id: number): void {
  w.u16be(id - LOWEST_USER_ID);
}

/** @spec MS-RDPBCGR 2.2.1.5 Client MCS Erect Domain Request PDU */
export interface ErectDomainRequest {
  readonly subHeight: number;
  readonly subInterval: number;
}

export const ErectDomainRequest: Codec<ErectDomainRequest> = {
  name: 'Client MCS Erect Domain Request PDU',
  fixedSize: 1 /* choice */ + 2 /* subHeight */ + 2 /* subInterval */,
  encode(w, { subHeight, subInterval }) {
    w.u8(DOMAIN_PDU.erectDomainRequest << 2);
    per.writeInteger(w, subHeight);
    per.writeInteger(w, subInterval);
  },
  decode(r) {
    readChoice(r, DOMAIN_PDU.erectDomainRequest);
    return { subHeight: per.readInteger(r, 'subHeight'), subInterval: per.readInteger(r, 'subInterval') };
  },
};

/** @spec MS-RDPBCGR 2.2.1.6 Client MCS Attach User Request PDU */
export type AttachUserRequest = Record<never, never>;

export const AttachUserRequest: Codec<AttachUserRequest> = {
  name: 'Client MCS Attach User Request PDU',
  fixedSize: 1 /* choice */,
  encode: (w) => void w.u8(DOMAIN_PDU.attachUserRequest << 2),
  decode(r) {
    readChoice(r, DOMAIN_PDU.attachUserRequest);
    return {};
  },
};

/** @spec MS-RDPBCGR 2.2.1.7 Server MCS Attach User Confirm PDU */
export interface AttachUserConfirm {
  readonly result: number;
  readonly initiator: number;
}

/** The optional user id is there. */
const HAS_INITIATOR = 0x02;

export const AttachUserConfirm: Codec<AttachUserConfirm> = {
  name: 'Server MCS Attach User Confirm PDU',
  fixedSize: 1 /* choice */ + 1 /* result */ + 2 /* initiator */,
  encode(w, { result, initiator }) {
    const bits = resultBits(result);
    w.u8((DOMAIN_PDU.attachUserConfirm << 2) | HAS_INITIATOR | bits.first).u8(bits.second);
    writeUserId(w, initiator);
  },
  decode(r) {
    const options = readChoice(r, DOMAIN_PDU.attachUserConfirm);
    if ((options & HAS_INITIATOR) === 0) r.fail('unsupported', 'initiator', 'is absent');
    return { result: readResult(options, r), initiator: readUserId(r, 'initiator') };
  },
};

/** @spec MS-RDPBCGR 2.2.1.8 Client MCS Channel Join Request PDU */
export interface ChannelJoinRequest {
  readonly initiator: number;
  readonly channelId: number;
}

export const ChannelJoinRequest: Codec<ChannelJoinRequest> = {
  name: 'Client MCS Channel Join Request PDU',
  fixedSize: 1 /* choice */ + 2 /* initiator */ + 2 /* channelId */,
  encode(w, { initiator, channelId }) {
    w.u8(DOMAIN_PDU.channelJoinRequest << 2);
    writeUserId(w, initiator);
    w.u16be(channelId);
  },
  decode(r) {
    readChoice(r, DOMAIN_PDU.channelJoinRequest);
    return { initiator: readUserId(r, 'initiator'), channelId: r.u16be('channelId') };
  },
};

/** @spec MS-RDPBCGR 2.2.1.9 Server MCS Channel Join Confirm PDU */
export interface ChannelJoinConfirm {
  readonly result: number;
  readonly initiator: number;
  readonly requested: number;
  /** Absent where the join failed. */
  readonly channelId: number | undefined;
}

const HAS_CHANNEL_ID = 0x02;

export const ChannelJoinConfirm: Codec<ChannelJoinConfirm> = {
  name: 'Server MCS Channel Join Confirm PDU',
  fixedSize: 1 /* choice */ + 1 /* result */ + 2 /* initiator */ + 2 /* requested */,
  encode(w, { result, initiator, requested, channelId }) {
    const bits = resultBits(result);
    const present = channelId === undefined ? 0 : HAS_CHANNEL_ID;
    w.u8((DOMAIN_PDU.channelJoinConfirm << 2) | present | bits.first).u8(bits.second);
    writeUserId(w, initiator);
    w.u16be(requested);
    if (channelId !== undefined) w.u16be(channelId);
  },
  decode(r) {
    const options = readChoice(r, DOMAIN_PDU.channelJoinConfirm);
    return {
      result: readResult(options, r),
      initiator: readUserId(r, 'initiator'),
      requested: r.u16be('requested'),
      channelId: options & HAS_CHANNEL_ID ? r.u16be('channelId') : undefined,
    };
  },
};

interface SendData {
  readonly initiator: number;
  readonly channelId: number;
  readonly userData: Uint8Array;
}

function sendData(name: string, choice: number): Codec<SendData> {
  return {
    name,
    fixedSize: 1 /* choice */ + 2 /* initiator */ + 2 /* channelId */ + 1 /* priority, segmentation */ + 1 /* length */,
    encode(w, { initiator, channelId, userData }) {
      w.u8(choice << 2);
      writeUserId(w, initiator);
      w.u16be(channelId).u8(PRIORITY_AND_SEGMENTATION);
      per.writeOctets(w, userData, 0);
    },
    decode(r) {
      readChoice(r, choice);
      const initiator = readUserId(r, 'initiator');
      const channelId = r.u16be('channelId');
      r.skip(1, 'dataPriority');
      return { initiator, channelId, userData: per.readOctets(r, 0, 'userData') };
    },
  };
}

/** @spec MS-RDPBCGR 2.2.1.10 mcsSDrq (T.125 11.32 Send Data Request) */
export type SendDataRequest = SendData;
export const SendDataRequest = sendData('MCS Send Data Request', DOMAIN_PDU.sendDataRequest);

/** @spec MS-RDPBCGR 2.2.1.12 mcsSDin (T.125 11.33 Send Data Indication) */
export type SendDataIndication = SendData;
export const SendDataIndication = sendData('MCS Send Data Indication', DOMAIN_PDU.sendDataIndication);

/** @spec MS-RDPBCGR 2.2.2.3 MCS Disconnect Provider Ultimatum PDU */
export interface DisconnectProviderUltimatum {
  /** One of REASON. */
  readonly reason: number;
}

export const DisconnectProviderUltimatum: Codec<DisconnectProviderUltimatum> = {
  name: 'MCS Disconnect Provider Ultimatum PDU',
  fixedSize: 2 /* choice and three bits of reason */,
  encode(w, { reason }) {
    w.u8((DOMAIN_PDU.disconnectProviderUltimatum << 2) | (reason >> 1)).u8((reason & 1) << 7);
  },
  decode(r) {
    const high = readChoice(r, DOMAIN_PDU.disconnectProviderUltimatum);
    return { reason: (high << 1) | (r.u8('reason') >> 7) };
  },
};
