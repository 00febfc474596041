import { expect, test } from 'vitest';
import {
  fastPathPduLength,
  isFastPath,
  MAX_FAST_PATH_PDU,
} from '../../../../protocols/rdp/fast-path/fast-path-header.js';
import { FastPathInputPdu } from '../../../../protocols/rdp/fast-path/fast-path-input-pdu.js';
import {
  FastPathUpdatePdu,
  MAX_UPDATE_DATA,
  UPDATE_CODE,
  writeFastPathUpdate,
} from '../../../../protocols/rdp/fast-path/fast-path-update-pdu.js';
import { decode } from '../../../../protocols/wire/codec.js';
import { Writer } from '../../../../protocols/wire/writer.js';
import { hex } from '../../../hex.js';
import { Random } from '../../../random.js';

test('input: event count in the header, short length', () => {
  const bytes = hex(
    `0c`, // fpInputHeader: action 0, numEvents 3
    `0d`, // length1: 13 bytes in all
    `00 1e`, // scancode, down, A
    `03 48`, // scancode, release | extended, cursor up
    `20 00 08 80 02 e0 01`, // mouse, PTRFLAGS_MOVE, x 640, y 480
  );
  expect(fastPathPduLength(bytes)).toBe(13);
  expect(decode(FastPathInputPdu, bytes).events).toEqual([
    { kind: 'keyboard', code: 0x1e, prefix: 'none', down: true },
    { kind: 'keyboard', code: 0x48, prefix: 'e0', down: false },
    { kind: 'mouse', flags: 0x0800, x: 640, y: 480 },
  ]);
});

test('input: event count behind the long length, every other event', () => {
  const bytes = hex(
    `00`, // fpInputHeader: action 0, numEvents follows
    `80 16`, // length1, length2: 22 bytes in all
    `05`, // numEvents
    `62`, // sync, NumLock
    `80 ac 20`, // unicode, down, euro sign
    `40 01 80 05 00 06 00`, // extended mouse, down | button 1, x 5, y 6
    `c0 78 56 34 12`, // quality-of-experience timestamp
    `05 1d`, // scancode, release | extended1: the first half of Pause
  );
  expect(fastPathPduLength(bytes)).toBe(bytes.length);
  expect(decode(FastPathInputPdu, bytes).events).toEqual([
    { kind: 'synchronize', toggles: 2 },
    { kind: 'unicode', unit: 0x20ac, down: true },
    { kind: 'extended-mouse', flags: 0x8001, x: 5, y: 6 },
    { kind: 'ignored' },
    { kind: 'keyboard', code: 0x1d, prefix: 'e1', down: false },
  ]);
});

test('input: refuses encryption, undefined events and counts that are not there', () => {
  expect(() => decode(FastPathInputPdu, hex('44 04 00 1e'))).toThrow('encrypted');
  expect(() => decode(FastPathInputPdu, hex('84 04 00 1e'))).toThrow('encrypted');
  expect(() => decode(FastPathInputPdu, hex('04 04 e0 1e'))).toThrow('eventCode');
  expect(() => decode(FastPathInputPdu, hex('08 04 00 1e'))).toThrow('eventHeader');
  expect(() => decode(FastPathInputPdu, hex('03 00 00 04'))).toThrow('action');
  expect(() => decode(FastPathInputPdu, hex('04 01'))).toThrow('length');
});

test('the length of a PDU is known after two or three bytes, whichever way it is written', () => {
  expect(fastPathPduLength(hex('04'))).toBeUndefined();
  expect(fastPathPduLength(hex('04 7f'))).toBe(127);
  expect(fastPathPduLength(hex('04 80'))).toBeUndefined();
  expect(fastPathPduLength(hex('04 bf ff'))).toBe(MAX_FAST_PATH_PDU);
  expect(() => fastPathPduLength(hex('04 00'))).toThrow('length');
  expect(() => fastPathPduLength(hex('04 80 02'))).toThrow('length');
  expect(isFastPath(0x03)).toBe(false);
  expect(isFastPath(0xc4)).toBe(true);
});

test('an update that fits is one PDU', () => {
  const w = new Writer();
  writeFastPathUpdate(w, UPDATE_CODE.cachedPointer, hex('05 00'));
  expect(w.finish()).toEqual(
    hex(
      `00`, // fpOutputHeader
      `80 08`, // length: 8 bytes in all
      `0a`, // updateHeader: cached pointer, single
      `02 00`, // size
      `05 00`,
    ),
  );
});

test.each([1, MAX_UPDATE_DATA, MAX_UPDATE_DATA + 1, 2 * MAX_UPDATE_DATA, 3 * MAX_UPDATE_DATA + 7])(
  'an update of %i bytes arrives whole, in PDUs that are not too long',
  (size) => {
    const data = new Random(size).bytes(size);
    const w = new Writer();
    writeFastPathUpdate(w, UPDATE_CODE.bitmap, data);
    let rest = w.finish();
    const kinds: string[] = [];
    const joined: number[] = [];
    while (rest.length > 0) {
      const length = fastPathPduLength(rest)!;
      expect(length).toBeLessThanOrEqual(MAX_FAST_PATH_PDU);
      for (const update of decode(FastPathUpdatePdu, rest.subarray(0, length)).updates) {
        expect(update.code).toBe(UPDATE_CODE.bitmap);
        kinds.push(update.fragmentation);
        joined.push(...update.data);
      }
      rest = rest.subarray(length);
    }
    expect(Uint8Array.from(joined)).toEqual(data);
    const count = Math.ceil(size / MAX_UPDATE_DATA);
    const between = Array.from({ length: Math.max(0, count - 2) }, () => 'next');
    expect(kinds).toEqual(count === 1 ? ['single'] : ['first', ...between, 'last']);
  },
);
