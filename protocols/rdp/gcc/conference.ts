import type { Codec } from '../../wire/codec.js';
import { Reader } from '../../wire/reader.js';
import { Writer } from '../../wire/writer.js';
import * as per from '../per.js';

/** T.124's object identifier {0 0 20 124 0 1}, as the key of ConnectData: choice 'object', length, six arcs in five bytes. */
const T124_KEY = Uint8Array.of(0x00, 0x05, 0x00, 0x14, 0x7c, 0x00, 0x01);
/** h221NonStandard keys are at least four bytes long, which the encoding leaves out. */
const H221_LEAST = 4;
const CLIENT_KEY = 'Duca';
const SERVER_KEY = 'McDn';
/** ConnectGCCPDU choices, and the presence of user data in a request. */
const CREATE_REQUEST = 0x00;
const CREATE_RESPONSE = 0x14;
const HAS_USER_DATA = 0x08;
/** A user data set: its value is present, its key is of the h221NonStandard kind. */
const USER_DATA_SET = 0xc0;
const LOWEST_NODE_ID = 1001;

/** @spec MS-RDPBCGR 2.2.1.3 gccCCrq (T.124 8.7 Conference Create Request) */
export interface ConferenceCreateRequest {
  /** Client data blocks, one after another. */
  readonly userData: Uint8Array;
}

export const ConferenceCreateRequest: Codec<ConferenceCreateRequest> = {
  name: 'GCC Conference Create Request',
  fixedSize: T124_KEY.length + 1 /* length */ + 1 + 1 /* choice */ + 4 /* name, sets */ + 1 + 1 + 4 /* key */ + 1,
  encode(outer, { userData }) {
    const w = new Writer(userData.length + 16);
    // Conference name: a numeric string of one digit, '1', padded to a byte.
    w.u8(CREATE_REQUEST).u8(HAS_USER_DATA).u8(0x00).u8(0x10).u8(0x00);
    writeUserData(w, CLIENT_KEY, userData);
    outer.bytes(T124_KEY);
    per.writeOctets(outer, w.finish(), 0);
  },
  decode(r) {
    readKey(r);
    // Not every client counts this length right; the user data has one of its own.
    per.readLength(r, 'connectPDU');
    const choice = r.u8('choice');
    const options = r.u8('options');
    if (choice !== CREATE_REQUEST || (options & HAS_USER_DATA) === 0) {
      r.fail('invalid', 'conference create request', `choice ${choice}, options ${options}`);
    }
    const digits = per.readLength(r, 'conference name') + 1;
    r.skip(Math.ceil(digits / 2), 'conference name');
    r.skip(1, 'padding');
    return { userData: readUserData(r, CLIENT_KEY) };
  },
};

/** @spec MS-RDPBCGR 2.2.1.4 gccCCrsp (T.124 8.7 Conference Create Response) */
export interface ConferenceCreateResponse {
  readonly nodeId: number;
  /** Server data blocks, one after another. */
  readonly userData: Uint8Array;
}

export const ConferenceCreateResponse: Codec<ConferenceCreateResponse> = {
  name: 'GCC Conference Create Response',
  fixedSize:
    T124_KEY.length + 1 /* length */ + 1 /* choice */ + 2 /* node */ + 2 /* tag */ + 2 /* result, sets */ + 1 + 5 + 1,
  encode(outer, { nodeId, userData }) {
    const w = new Writer(userData.length + 16);
    w.u8(CREATE_RESPONSE).u16be(nodeId - LOWEST_NODE_ID);
    per.writeInteger(w, 1 /* tag */);
    w.u8(0 /* result: success */);
    writeUserData(w, SERVER_KEY, userData);
    outer.bytes(T124_KEY);
    per.writeOctets(outer, w.finish(), 0);
  },
  decode(r) {
    readKey(r);
    per.readLength(r, 'connectPDU');
    const choice = r.u8('choice');
    if (choice !== CREATE_RESPONSE) r.fail('invalid', 'choice', `is ${choice}`);
    const nodeId = r.u16be('nodeId') + LOWEST_NODE_ID;
    per.readInteger(r, 'tag');
    r.skip(1, 'result');
    return { nodeId, userData: readUserData(r, SERVER_KEY) };
  },
};

function readKey(r: Reader): void {
  const key = r.take(T124_KEY.length, 'key');
  if (key.some((byte, i) => byte !== T124_KEY[i])) r.fail('invalid', 'key', 'is not that of T.124');
}

function readUserData(r: Reader, key: string): Uint8Array {
  const sets = r.u8('user data sets');
  const options = r.u8('user data options');
  const found = new Reader(per.readOctets(r, H221_LEAST, 'h221 key'));
  if (sets !== 1 || options !== USER_DATA_SET || found.latin1(found.remaining, 'h221 key') !== key) {
    r.fail('invalid', 'user data', `is not one set with the key ${key}`);
  }
  return per.readOctets(r, 0, 'user data');
}

function writeUserData(w: Writer, key: string, userData: Uint8Array): void {
  w.u8(1 /* sets */).u8(USER_DATA_SET);
  per.writeLength(w, key.length - H221_LEAST);
  w.latin1(key);
  per.writeOctets(w, userData, 0);
}
