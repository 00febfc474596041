import { describe, expect, test } from 'vitest';
import { Acceptor } from '../../../../protocols/rdp/acceptor.js';
import { BitmapCapability } from '../../../../protocols/rdp/capabilities/bitmap.js';
import { CAPABILITY, findCapability } from '../../../../protocols/rdp/capabilities/capability-set.js';
import { FrameAcknowledge } from '../../../../protocols/rdp/graphics/frame-acknowledge.js';
import { SendDataIndication } from '../../../../protocols/rdp/mcs/domain.js';
import { DeactivateAll } from '../../../../protocols/rdp/share/deactivate-all.js';
import { DemandActive } from '../../../../protocols/rdp/share/demand-active.js';
import { ERROR_INFO } from '../../../../protocols/rdp/share/set-error-info.js';
import { PDU_TYPE, ShareControlPdu } from '../../../../protocols/rdp/share/share-control.js';
import { PDU_TYPE2, ShareData } from '../../../../protocols/rdp/share/share-data.js';
import { decode } from '../../../../protocols/wire/codec.js';
import { DecodeError } from '../../../../protocols/wire/errors.js';
import { Random } from '../../../random.js';
import { decodesOrRejects, mutate } from '../../../wire/registry-suite.js';
import { CLIENTS, hex, join, ofType, play, recorded } from './recorded.js';

const acceptor = () => new Acceptor({ maxPduBytes: 65536, maxSequenceBytes: 65536 });
/** TPKT 4, X.224 data 3. */
const MCS_AT = 7;

/** A server's PDUs as a client names them: the MCS choice, or what an I/O channel PDU carries. */
function names(sent: readonly Uint8Array[]): string[] {
  return sent.map((pdu) => {
    if (pdu[5] !== 0xf0) return `x224 ${pdu[5]!.toString(16)}`;
    if (pdu[MCS_AT] === 0x7f) return 'connect response';
    const choice = pdu[MCS_AT]! >> 2;
    if (choice !== 26) return `mcs ${choice}`;
    const { userData } = decode(SendDataIndication, pdu.subarray(MCS_AT));
    if (userData[0] === 0x80 && userData[4] === 0xff) return 'license';
    const share = decode(ShareControlPdu, userData);
    if (share.type !== PDU_TYPE.data) return `share ${share.type}`;
    return `data ${decode(ShareData, share.body).type}`;
  });
}

function shareBody(pdu: Uint8Array): Uint8Array {
  return decode(ShareControlPdu, decode(SendDataIndication, pdu.subarray(MCS_AT)).userData).body;
}

describe('connection sequence', () => {
  test.each(CLIENTS)('%s becomes active, and is answered in the order of the specification', (client) => {
    const played = play(acceptor(), recorded(client));
    const sequence = names(played.sent);
    expect(sequence[0]).toBe('x224 d0');
    expect(sequence[1]).toBe('connect response');
    expect(sequence[2]).toBe('mcs 11');
    const joins = sequence.filter((name) => name === 'mcs 15');
    expect(sequence.slice(3 + joins.length)).toEqual([
      'license',
      `share ${PDU_TYPE.demandActive}`,
      `data ${PDU_TYPE2.synchronize}`,
      `data ${PDU_TYPE2.control}`,
      `data ${PDU_TYPE2.control}`,
      `data ${PDU_TYPE2.fontMap}`,
      `data ${PDU_TYPE2.saveSessionInfo}`,
    ]);
    expect(ofType(played, 'active')).toHaveLength(1);
  });

  test.each(CLIENTS)('%s: byte by byte and all at once come to the same', (client) => {
    const reads = recorded(client);
    const whole = play(acceptor(), reads);
    const bytes = join(reads);
    const single = play(
      acceptor(),
      Array.from(bytes, (byte) => Uint8Array.of(byte)),
    );
    const atOnce = play(acceptor(), [bytes]);
    expect(single).toEqual(whole);
    expect(join(atOnce.sent)).toEqual(join(whole.sent));
    expect(atOnce.events.filter((e) => e.type !== 'tls')).toEqual(whole.events.filter((e) => e.type !== 'tls'));
  });

  test('FreeRDP: what it says of itself', () => {
    const played = play(acceptor(), recorded('freerdp-2'));
    expect(ofType(played, 'login')[0]!.login).toEqual({
      user: 'vitrine',
      domain: '',
      password: 'secret',
      clientName: 'client',
      clientAddress: '127.0.0.1',
      routing: 'Cookie: mstshash=vitrine',
      preconnection: undefined,
      desktop: { width: 1024, height: 768 },
    });
    const { settings } = ofType(played, 'active')[0]!;
    expect(settings).toMatchObject({
      clientName: 'client',
      keyboardLayout: 0x409,
      desktopWidth: 1024,
      desktopHeight: 768,
      colorDepth: 32,
      ioChannelId: 1003,
      capabilities: {
        fastPathOutput: true,
        noBitmapCompressionHeader: true,
        desktopResize: true,
        skipAlpha: true,
        colorPointerCacheSize: 20,
        pointerCacheSize: 20,
        maxPointerEdge: 384,
        surfaceCommands: 0x52,
        maxUnacknowledgedFrames: 2,
      },
    });
    expect(settings.channels.map((channel) => [channel.name, channel.id])).toEqual([
      ['rdpdr', 1004],
      ['rdpsnd', 1005],
      ['drdynvc', 1006],
    ]);
    const acknowledged = ofType(played, 'data').filter((e) => e.pduType2 === PDU_TYPE2.frameAcknowledge);
    expect(acknowledged.map((e) => decode(FrameAcknowledge, e.body).frameId)).toEqual([1, 2, 3, 4]);
    expect(ofType(played, 'fast-path')).toHaveLength(4);
  });

  test('rdesktop: 16 bits a pixel, and it can be resized', () => {
    const { settings } = ofType(play(acceptor(), recorded('rdesktop-1.9')), 'active')[0]!;
    expect(settings.colorDepth).toBe(16);
    expect(settings.capabilities.desktopResize).toBe(true);
  });

  test('node-rdpjs-2: neither cookie nor resize nor large pointers', () => {
    const played = play(acceptor(), recorded('node-rdpjs-2'));
    expect(ofType(played, 'login')[0]!.login.routing).toBeUndefined();
    expect(ofType(played, 'active')[0]!.settings.capabilities).toMatchObject({
      desktopResize: false,
      pointerCacheSize: 0,
      maxPointerEdge: 32,
      multifragmentMaxBytes: 0,
      maxUnacknowledgedFrames: undefined,
    });
  });

  test('what follows the connection request in the same read belongs to the TLS handshake', () => {
    const [request] = recorded('freerdp-2');
    const { events } = acceptor().step(join([request!, hex('16 03 01 02 00')]));
    expect(events).toEqual([{ type: 'tls', early: hex('16 03 01 02 00') }]);
  });

  test('plaintext that comes before the caller has said that TLS stands is kept', () => {
    const [request, connectInitial] = recorded('freerdp-2');
    const server = acceptor();
    server.step(request!);
    expect(server.step(connectInitial!).send).toEqual([]);
    expect(names(server.tlsReady().send)).toEqual(['connect response']);
  });
});

describe('negotiation', () => {
  const request = (protocols: string) =>
    hex(`
      03 00 00 13  // TPKT: 19 bytes
      0e e0 0000 0007 00  // 14 bytes, connection request, references 0 and 7, class 0
      01 00 0800 ${protocols}  // RDP_NEG_REQ
    `);

  test.each([
    ['TLS', '01000000'],
    ['TLS and CredSSP', '03000000'],
    ['all there is, and bits to come', 'fdffffff'],
  ])('%s: TLS is chosen', (_, protocols) => {
    const { send } = acceptor().step(request(protocols));
    expect(join(send)).toEqual(
      hex(`
        03 00 00 13  // TPKT
        0e d0 0007 1234 00  // connection confirm to reference 7
        02 01 0800 01000000  // RDP_NEG_RSP: extended client data, PROTOCOL_SSL
      `),
    );
  });

  test.each([
    ['RDP security alone', '00000000'],
    ['CredSSP alone', '02000000'],
  ])('%s: told that TLS is required, and nothing after it', (_, protocols) => {
    const server = acceptor();
    const { send, events } = server.step(request(protocols));
    expect(join(send)).toEqual(
      hex(`
        03 00 00 13
        0e d0 0007 1234 00
        03 00 0800 01000000  // RDP_NEG_FAILURE: SSL_REQUIRED_BY_SERVER
      `),
    );
    expect(events).toMatchObject([{ type: 'closed' }]);
    expect(server.step(recorded('freerdp-2')[1]!)).toEqual({ send: [], events: [] });
    expect(server.disconnect(ERROR_INFO.serverDeniedConnection)).toEqual([]);
  });

  test('no negotiation request: an X.224 disconnect', () => {
    const { send, events } = acceptor().step(hex('0300000b 06e00000000700'));
    expect(join(send)).toEqual(hex('0300000b 06 80 0007 0000 00'));
    expect(events).toMatchObject([{ type: 'closed' }]);
  });

  test.each([
    ['Cookie: mstshash=eltons', 'Cookie: mstshash=eltons'],
    ['Cookie: msts=3640205228.15629.0000', 'Cookie: msts=3640205228.15629.0000'],
    ['tsv://MS Terminal Services Plugin.1.Sessions', 'tsv://MS Terminal Services Plugin.1.Sessions'],
  ])('routing line %s', (line, routing) => {
    const text = Buffer.from(`${line}\r\n`, 'latin1').toString('hex');
    const length = 6 + line.length + 2 + 8 + 36;
    const server = acceptor();
    const played = play(server, [
      hex(`
        0300 ${(length + 5).toString(16).padStart(4, '0')}
        ${length.toString(16).padStart(2, '0')} e0 0000 0000 00
        ${text}
        01 08 0800 01000000  // RDP_NEG_REQ: correlation info present
        06 00 2400 ${'ab'.repeat(16)} ${'00'.repeat(16)}  // RDP_NEG_CORRELATION_INFO
      `),
      ...recorded('freerdp-2').slice(1),
    ]);
    expect(ofType(played, 'login')[0]!.login.routing).toBe(routing);
  });
});

describe('login', () => {
  const upToLogin = (server: Acceptor) => {
    for (const read of recorded('freerdp-2').slice(0, 11)) {
      server.step(read);
      server.tlsReady();
    }
    return server;
  };

  test('a refused client hears licence, reason and goodbye, and nothing else', () => {
    const server = upToLogin(acceptor());
    const sent = server.reject(ERROR_INFO.serverInsufficientPrivileges);
    expect(names(sent)).toEqual(['license', `data ${PDU_TYPE2.setErrorInfo}`, 'mcs 8']);
    expect(sent[0]!.subarray(14)).toEqual(
      hex(`
        80 00 0000  // security header: SEC_LICENSE_PKT
        ff 03 1000  // ERROR_ALERT, version 3 without the extended error flag, 16 bytes
        07000000 02000000  // STATUS_VALID_CLIENT, ST_NO_TRANSITION
        0400 0000  // BB_ERROR_BLOB, empty
      `),
    );
    expect(shareBody(sent[1]!).subarray(12)).toEqual(hex('09000000'));
    expect(sent[2]).toEqual(hex('03000009 02f080 20 80')); // rn-provider-initiated
    expect(server.step(recorded('freerdp-2')[11]!)).toEqual({ send: [], events: [] });
  });

  test('nothing of a client is looked at before the verdict', () => {
    const server = upToLogin(acceptor());
    const rest = recorded('freerdp-2').slice(11, 16);
    for (const read of rest) expect(server.step(read)).toEqual({ send: [], events: [] });
    const { events } = server.accept(640, 480);
    expect(events.map((event) => event.type)).toEqual(['active']);
  });

  test('input before the session is active is an offence', () => {
    const server = upToLogin(acceptor());
    server.accept(640, 480);
    expect(() => server.step(hex('04 04 00 1e'))).toThrow(DecodeError);
  });
});

describe('active session', () => {
  function activeServer() {
    const server = acceptor();
    play(server, recorded('freerdp-2').slice(0, 16));
    expect(server.isActive).toBe(true);
    return server;
  }

  test('a new size deactivates and activates again; input in between counts', () => {
    const server = activeServer();
    const sent = server.reactivate(1280, 800);
    expect(names(sent)).toEqual([`share ${PDU_TYPE.deactivateAll}`, `share ${PDU_TYPE.demandActive}`]);
    expect(decode(DeactivateAll, shareBody(sent[0]!)).shareId).toBe(0x103ea);
    const { capabilities } = decode(DemandActive, shareBody(sent[1]!));
    expect(findCapability(capabilities, CAPABILITY.bitmap, BitmapCapability)).toMatchObject({
      bitsPerPixel: 32,
      desktopWidth: 1280,
      desktopHeight: 800,
      desktopResize: true,
    });
    expect(server.isActive).toBe(false);
    expect(server.reactivate(1, 1)).toEqual([]);

    const input = hex('04 04 00 1e');
    expect(server.step(input).events).toEqual([{ type: 'fast-path', bytes: input }]);
    const again = play(server, recorded('freerdp-2').slice(11, 16));
    expect(names(again.sent)).toEqual([
      `data ${PDU_TYPE2.synchronize}`,
      `data ${PDU_TYPE2.control}`,
      `data ${PDU_TYPE2.control}`,
      `data ${PDU_TYPE2.fontMap}`,
    ]);
    expect(ofType(again, 'active')[0]!.settings).toMatchObject({ desktopWidth: 1280, desktopHeight: 800 });
    expect(server.isActive).toBe(true);
  });

  test('a shutdown request is denied', () => {
    const { send, events } = activeServer().step(
      hex(`
        03000020 02f080 64 0006 03eb 70 12  // send data request of user 1007 on channel 1003, 18 bytes
        1200 1700 ef03  // share control: 18 bytes, data
        ea030100 00 01 0400 24 00 0000  // share data: PDUTYPE2_SHUTDOWN_REQUEST
      `),
    );
    expect(names(send)).toEqual([`data ${PDU_TYPE2.shutdownDenied}`]);
    expect(events).toEqual([]);
  });

  test('several share PDUs in one, a flow PDU among them', () => {
    const whole = activeServer().step(
      hex(`
        03000029 02f080 64 0006 03eb 70 1b  // 27 bytes
        0080 41 00 00 01 eb03  // a flow PDU
        1300 1700 ef03  ea030100 00 01 0500 1c 00 0000  aa  // share data: input
      `),
    );
    expect(whole.events).toEqual([{ type: 'data', pduType2: PDU_TYPE2.input, body: hex('aa') }]);
  });

  test('channel data goes out with its channel; channels that nobody has are ignored', () => {
    const on = (channel: string) => hex(`03000012 02f080 64 0006 ${channel} 70 04 01020304`);
    expect(activeServer().step(on('03ec')).events).toEqual([
      { type: 'channel', channelId: 1004, data: hex('01020304') },
    ]);
    expect(activeServer().step(on('0555')).events).toEqual([]);
  });

  test('goodbye: reason, deactivation, ultimatum; then silence', () => {
    const server = activeServer();
    expect(names(server.disconnect(ERROR_INFO.logoffByUser))).toEqual([
      `data ${PDU_TYPE2.setErrorInfo}`,
      `share ${PDU_TYPE.deactivateAll}`,
      'mcs 8',
    ]);
    expect(server.disconnect(ERROR_INFO.logoffByUser)).toEqual([]);
    expect(server.step(hex('04 04 00 1e'))).toEqual({ send: [], events: [] });
  });

  test.each([
    ['an MCS ultimatum', '03000009 02f080 21 80'],
    ['an X.224 disconnect', '0300000b 06 80 0000 0000 00'],
  ])('%s of the client ends it', (_, bytes) => {
    expect(activeServer().step(hex(bytes)).events).toEqual([{ type: 'closed', reason: 'disconnected by the client' }]);
  });
});

describe('what no client should send', () => {
  test.each([
    ['a packet that is neither TPKT nor fast-path', '47 45 54 20 2f'],
    ['a TPKT shorter than its header', '03 00 00 04'],
    ['a connection request longer than any', '03 00 02 00'],
  ])('%s', (_, bytes) => {
    expect(() => acceptor().step(hex(bytes))).toThrow(DecodeError);
  });

  test('a handshake PDU longer than any', () => {
    const server = acceptor();
    server.step(recorded('freerdp-2')[0]!);
    server.tlsReady();
    expect(() => server.step(hex('0300ffff'))).toThrow(/tpkt length/);
  });

  test('a flood while the verdict is out', () => {
    const server = acceptor();
    for (const read of recorded('freerdp-2').slice(0, 11)) {
      server.step(read);
      server.tlsReady();
    }
    expect(() => server.step(new Uint8Array(1 << 20))).toThrow(/inbound/);
  });

  test.each(CLIENTS)('mutations of %s: an answer or a DecodeError', (client) => {
    const reads = recorded(client);
    const random = new Random(reads.length);
    let rejected = 0;
    for (let round = 0; round < 300; round++) {
      const target = random.below(reads.length);
      const mutated = reads.map((read, i) => (i === target ? mutate(read, random) : read));
      if (!decodesOrRejects(() => play(acceptor(), mutated))) rejected++;
    }
    expect(rejected).toBeGreaterThan(0);
    expect(rejected).toBeLessThan(300);
  });

  test('garbage and cut handshakes', () => {
    const random = new Random(11);
    for (let round = 0; round < 300; round++) {
      decodesOrRejects(() => play(acceptor(), [random.bytes(random.below(200))]));
      const bytes = join(recorded(random.pick(CLIENTS)));
      const cut = random.below(bytes.length);
      decodesOrRejects(() => play(acceptor(), [bytes.subarray(0, cut), random.bytes(random.below(100))]));
    }
  });
});
