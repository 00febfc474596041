import type { Codec } from '../wire/codec.js';
import type { Reader } from '../wire/reader.js';
import type { Writer } from '../wire/writer.js';
import { expectType } from './expect-type.js';
import { CLIENT_MESSAGE, SERVER_MESSAGE } from './message-types.js';

/** Clipboard text, in Latin-1, with "\n" between lines. @spec RFC 6143 7.5.6 ClientCutText */
export interface ClientCutText {
  readonly text: string;
}

export const ClientCutText: Codec<ClientCutText> = {
  name: 'ClientCutText',
  fixedSize: 8 /* type 1, padding 3, length 4 */,
  encode: (w, v) => writeCutText(w, CLIENT_MESSAGE.clientCutText, v.text),
  decode: (r) => ({ text: readCutText(r, CLIENT_MESSAGE.clientCutText) }),
};

/** Clipboard text, in Latin-1, with "\n" between lines. @spec RFC 6143 7.6.4 ServerCutText */
export interface ServerCutText {
  readonly text: string;
}

export const ServerCutText: Codec<ServerCutText> = {
  name: 'ServerCutText',
  fixedSize: 8 /* type 1, padding 3, length 4 */,
  encode: (w, v) => writeCutText(w, SERVER_MESSAGE.serverCutText, v.text),
  decode: (r) => ({ text: readCutText(r, SERVER_MESSAGE.serverCutText) }),
};

function writeCutText(w: Writer, type: number, text: string): void {
  w.u8(type).zeros(3).u32be(text.length).latin1(text);
}

function readCutText(r: Reader, type: number): string {
  expectType(r, type);
  r.skip(3, 'padding');
  return r.latin1(r.u32be('length'), 'text');
}
