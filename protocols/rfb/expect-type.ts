import type { Reader } from '../wire/reader.js';

/** Reads a message's first byte, which its codec already stands for. */
export function expectType(r: Reader, type: number): void {
  const actual = r.u8('message-type');
  if (actual !== type) r.fail('invalid', 'message-type', `${actual} where ${type} belongs`);
}
