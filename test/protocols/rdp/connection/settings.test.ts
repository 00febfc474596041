import { describe, expect, test } from 'vitest';
import { CAPABILITY, capabilitySet } from '../../../../protocols/rdp/capabilities/capability-set.js';
import { clientCapabilities } from '../../../../protocols/rdp/capabilities/client-capabilities.js';
import { LargePointerCapability } from '../../../../protocols/rdp/capabilities/large-pointer.js';
import {
  MultifragmentUpdateCapability,
  serverMaxRequestBytes,
} from '../../../../protocols/rdp/capabilities/multifragment-update.js';
import { ClientInfo } from '../../../../protocols/rdp/client-info.js';
import { ClientCoreData, sessionColorDepth } from '../../../../protocols/rdp/gcc/client-core-data.js';
import { decodeClientData } from '../../../../protocols/rdp/gcc/client-data.js';
import { cookieUser } from '../../../../protocols/rdp/nego.js';
import { decode, encode } from '../../../../protocols/wire/codec.js';
import { hex } from './recorded.js';

const core: ClientCoreData = {
  version: 0x0008_0004,
  desktopWidth: 1024,
  desktopHeight: 768,
  colorDepth: 0xca01,
  keyboardLayout: 0x409,
  clientBuild: 2600,
  clientName: 'client',
  keyboardType: 4,
  keyboardSubType: 0,
  keyboardFunctionKeys: 12,
};

describe('color depth', () => {
  const at = (highColorDepth: number, supportedColorDepths: number, earlyCapabilityFlags: number) =>
    sessionColorDepth({
      ...core,
      postBeta2ColorDepth: 0xca01,
      highColorDepth,
      supportedColorDepths,
      earlyCapabilityFlags,
    });

  test.each([
    ['32 bits wanted and supported', at(24, 0x0f, 0x0003), 32],
    ['32 bits wanted, not supported', at(24, 0x07, 0x0003), 24],
    ['32 bits supported, not wanted', at(24, 0x0f, 0x0001), 24],
    ['24 bits', at(24, 0x07, 0), 24],
    ['16 bits', at(16, 0x07, 0), 16],
    ['15 bits', at(15, 0x07, 0), 15],
    ['8 bits: 16 in their place', at(8, 0x07, 0), 16],
    ['no high color at all', sessionColorDepth(core), 16],
    ['from the older field: 24', sessionColorDepth({ ...core, postBeta2ColorDepth: 0xca04 }), 24],
    ['from the older field: 15', sessionColorDepth({ ...core, postBeta2ColorDepth: 0xca02 }), 15],
  ])('%s', (_, depth, expected) => {
    expect(depth).toBe(expected);
  });
});

describe('client data', () => {
  const block = (type: string, body: Uint8Array) => {
    const length = (body.length + 4).toString(16).padStart(4, '0');
    return `${type} ${length.slice(2)}${length.slice(0, 2)} ${Buffer.from(body).toString('hex')}`;
  };

  test('blocks from after our time are skipped, missing ones are missing', () => {
    const data = decodeClientData(
      hex(`
        ${block('0dc0', hex('01020304'))}  // 0xC00D
        ${block('01c0', encode(ClientCoreData, core))}
        ${block('06c0', hex('00000000'))}  // message channel
        ${block('04c0', hex('0d000000 00000000 00000000'))}  // cluster data with the padding of old Mac clients
      `),
    );
    expect(data.core).toEqual(core);
    expect(data.messageChannel).toEqual({ flags: 0 });
    expect(data.cluster).toEqual({ flags: 0x0d, redirectedSessionId: 0 });
    expect(data.network).toBeUndefined();
  });

  test('without core data there is no client', () => {
    expect(() => decodeClientData(hex(block('06c0', hex('00000000'))))).toThrow(/core data/);
  });

  test('32 channels are one too many', () => {
    const channels = `20000000 ${'6100000000000000 00000000'.repeat(32)}`;
    const blocks = hex(`${block('01c0', encode(ClientCoreData, core))} ${block('03c0', hex(channels))}`);
    expect(() => decodeClientData(blocks)).toThrow(/channelCount/);
  });
});

describe('client info', () => {
  const texts = `
    00000000 10000000  // code page, INFO_UNICODE
    0000 0200 0200 0000 0000  // lengths in bytes, without terminators
    0000  // domain
    6100 0000  // user 'a'
    6200 0000  // password 'b'
    0000 0000  // shell, directory
  `;

  test('RDP 4: no extended info', () => {
    expect(decode(ClientInfo, hex(texts))).toMatchObject({ user: 'a', password: 'b', extended: undefined });
  });

  test('Android: a directory of no bytes at all, and nothing after it', () => {
    const { extended } = decode(ClientInfo, hex(`${texts} 0200 0400 31000000 0000`));
    expect(extended).toEqual({ addressFamily: 2, clientAddress: '1', clientDirectory: '', performanceFlags: 0 });
  });

  test('a text longer than any', () => {
    expect(() => decode(ClientInfo, hex('00000000 10000000 ffff 0000 0000 0000 0000'))).toThrow(/Domain/);
  });
});

describe('capabilities', () => {
  const with_ = (maxRequestBytes: number, flags: number) =>
    clientCapabilities([
      capabilitySet(CAPABILITY.multifragmentUpdate, MultifragmentUpdateCapability, { maxRequestBytes }),
      capabilitySet(CAPABILITY.largePointer, LargePointerCapability, { flags }),
      { type: 0x7777, data: hex('00') },
    ]);

  test.each([
    [608_299, 3, 384, 608_299],
    [608_298, 3, 96, 608_298],
    [38_055, 1, 96, 38_055],
    [38_054, 1, 32, 38_054],
    [8 << 20, 0, 32, 8 << 20],
    [0x3ffe, 3, 32, 0],
  ])('reassembly of %i bytes with large pointer flags %i', (bytes, flags, maxPointerEdge, multifragmentMaxBytes) => {
    expect(with_(bytes, flags)).toMatchObject({ maxPointerEdge, multifragmentMaxBytes });
  });

  test('a client that confirms nothing can do nothing', () => {
    expect(clientCapabilities([])).toEqual({
      fastPathOutput: false,
      noBitmapCompressionHeader: false,
      desktopResize: false,
      skipAlpha: false,
      dynamicColorFidelity: false,
      colorPointerCacheSize: 0,
      pointerCacheSize: 0,
      maxPointerEdge: 32,
      multifragmentMaxBytes: 0,
      surfaceCommands: 0,
      maxUnacknowledgedFrames: undefined,
    });
  });

  test('a set that is cut short is refused', () => {
    expect(() => clientCapabilities([{ type: CAPABILITY.bitmap, data: hex('2000') }])).toThrow(/receive1BitPerPixel/);
  });

  test('mstsc turns away a request size of 16 MiB', () => {
    expect(serverMaxRequestBytes(1024, 768)).toBe((16 * 12 + 1) * 16384);
    expect(serverMaxRequestBytes(8192, 8192)).toBe(8 << 20);
  });
});

test('the user in a cookie', () => {
  expect(cookieUser('Cookie: mstshash=vitrine')).toBe('vitrine');
  expect(cookieUser('Cookie: msts=1.2.3')).toBeUndefined();
  expect(cookieUser(undefined)).toBeUndefined();
});
