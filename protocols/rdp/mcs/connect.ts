import type { Codec } from '../../wire/codec.js';
import type { Reader } from '../../wire/reader.js';
import { Writer } from '../../wire/writer.js';
import * as ber from '../ber.js';

const CONNECT_INITIAL = 101;
const CONNECT_RESPONSE = 102;

/** @spec MS-RDPBCGR 2.2.1.3 DomainParameters (T.125 7): what both sides settle on for an MCS domain. */
export interface DomainParameters {
  readonly maxChannelIds: number;
  readonly maxUserIds: number;
  readonly maxTokenIds: number;
  readonly numPriorities: number;
  readonly minThroughput: number;
  readonly maxHeight: number;
  readonly maxMcsPduSize: number;
  readonly protocolVersion: number;
}

function readDomainParameters(outer: Reader): DomainParameters {
  ber.readTag(outer, ber.TAG.sequence, 'domainParameters');
  const r = outer.sub(ber.readLength(outer, 'domainParameters'), 'domainParameters');
  const next = (field: string) => ber.readUnsigned(r, ber.TAG.integer, field);
  return {
    maxChannelIds: next('maxChannelIds'),
    maxUserIds: next('maxUserIds'),
    maxTokenIds: next('maxTokenIds'),
    numPriorities: next('numPriorities'),
    minThroughput: next('minThroughput'),
    maxHeight: next('maxHeight'),
    maxMcsPduSize: next('maxMcsPduSize'),
    protocolVersion: next('protocolVersion'),
  };
}

function writeDomainParameters(outer: Writer, p: DomainParameters): void {
  const w = new Writer();
  const inOrder = [
    p.maxChannelIds,
    p.maxUserIds,
    p.maxTokenIds,
    p.numPriorities,
    p.minThroughput,
    p.maxHeight,
    p.maxMcsPduSize,
    p.protocolVersion,
  ];
  for (const value of inOrder) ber.writeUnsigned(w, ber.TAG.integer, value);
  outer.u8(ber.TAG.sequence);
  ber.writeLength(outer, w.length);
  outer.bytes(w.finish());
}

function writeApplication(outer: Writer, number: number, body: Writer): void {
  outer.u8(0x7f).u8(number);
  ber.writeLength(outer, body.length);
  outer.bytes(body.finish());
}

function readApplication(outer: Reader, number: number, field: string): Reader {
  ber.readApplicationTag(outer, number, field);
  return outer.sub(ber.readLength(outer, field), field);
}

/** @spec MS-RDPBCGR 2.2.1.3 mcsCi (T.125 11.1 Connect-Initial) */
export interface ConnectInitial {
  readonly callingDomainSelector: Uint8Array;
  readonly calledDomainSelector: Uint8Array;
  readonly upwardFlag: boolean;
  readonly target: DomainParameters;
  readonly minimum: DomainParameters;
  readonly maximum: DomainParameters;
  /** A GCC Conference Create Request. */
  readonly userData: Uint8Array;
}

export const ConnectInitial: Codec<ConnectInitial> = {
  name: 'MCS Connect Initial',
  // tag, length, two empty selectors, flag, three sets of eight one-byte numbers, empty user data
  fixedSize: 2 + 1 + 2 + 2 + 3 + 3 * (2 + 8 * 3) + 2,
  encode(outer, value) {
    const w = new Writer();
    ber.writeOctets(w, value.callingDomainSelector);
    ber.writeOctets(w, value.calledDomainSelector);
    ber.writeBoolean(w, value.upwardFlag);
    writeDomainParameters(w, value.target);
    writeDomainParameters(w, value.minimum);
    writeDomainParameters(w, value.maximum);
    ber.writeOctets(w, value.userData);
    writeApplication(outer, CONNECT_INITIAL, w);
  },
  decode(outer) {
    const r = readApplication(outer, CONNECT_INITIAL, 'connect initial');
    return {
      callingDomainSelector: ber.readOctets(r, 'callingDomainSelector'),
      calledDomainSelector: ber.readOctets(r, 'calledDomainSelector'),
      upwardFlag: ber.readBoolean(r, 'upwardFlag'),
      target: readDomainParameters(r),
      minimum: readDomainParameters(r),
      maximum: readDomainParameters(r),
      userData: ber.readOctets(r, 'userData'),
    };
  },
};

/** @spec MS-RDPBCGR 2.2.1.4 mcsCrsp (T.125 11.2 Connect-Response) */
export interface ConnectResponse {
  /** 0 is rt-successful. */
  readonly result: number;
  readonly calledConnectId: number;
  readonly domainParameters: DomainParameters;
  /** A GCC Conference Create Response. */
  readonly userData: Uint8Array;
}

export const ConnectResponse: Codec<ConnectResponse> = {
  name: 'MCS Connect Response',
  // tag, length, result, connect id, eight one-byte numbers, empty user data
  fixedSize: 2 + 1 + 3 + 3 + (2 + 8 * 3) + 2,
  encode(outer, value) {
    const w = new Writer();
    ber.writeUnsigned(w, ber.TAG.enumerated, value.result);
    ber.writeUnsigned(w, ber.TAG.integer, value.calledConnectId);
    writeDomainParameters(w, value.domainParameters);
    ber.writeOctets(w, value.userData);
    writeApplication(outer, CONNECT_RESPONSE, w);
  },
  decode(outer) {
    const r = readApplication(outer, CONNECT_RESPONSE, 'connect response');
    return {
      result: ber.readUnsigned(r, ber.TAG.enumerated, 'result'),
      calledConnectId: ber.readUnsigned(r, ber.TAG.integer, 'calledConnectId'),
      domainParameters: readDomainParameters(r),
      userData: ber.readOctets(r, 'userData'),
    };
  },
};

/** What Windows servers answer; every client copes with it. */
export const SERVER_DOMAIN_PARAMETERS: DomainParameters = {
  maxChannelIds: 34,
  maxUserIds: 3,
  maxTokenIds: 0,
  numPriorities: 1,
  minThroughput: 0,
  maxHeight: 1,
  maxMcsPduSize: 65528,
  protocolVersion: 2,
};
