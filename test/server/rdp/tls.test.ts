import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { makeIdentity } from '../../../server/auth/make-certificate.js';
import { serveRdp } from '../../../server/rdp/session.js';
import { TcpTransport } from '../../../server/transport/tcp.js';
import { join, recorded } from '../../protocols/rdp/connection/recorded.js';
import { House, quiet } from './fixture.js';

test('over a socket: the same connection becomes TLS, and the login crosses it', async () => {
  const house = await House.open();
  const pem = await makeIdentity(Date.now());
  const host = { ...house.host, tls: { cert: pem, key: pem } };
  const server = createServer((socket) => serveRdp(new TcpTransport(socket), host));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.close();
    await house.machine.stop();
  });

  const raw: Socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [request, ...rest] = recorded('freerdp-2');
  raw.write(request!);
  const [confirm] = (await once(raw, 'data')) as [Buffer];
  expect(confirm[5]).toBe(0xd0);

  const secure = connectTls({ socket: raw, rejectUnauthorized: false });
  await once(secure, 'secureConnect');
  secure.on('data', () => {});
  // As one piece, so that all of it is there at the end of the handshake.
  secure.write(join(rest));
  const [session] = [...house.sessions];
  while (session!.identity === undefined) await quiet();
  expect(session!.identity).toEqual({ user: 'vitrine' });

  const closed = once(secure, 'close');
  house.sessions.closeAll('shutdown');
  await closed;
  await quiet();
  expect(house.leftovers()).toEqual({ sessions: 0, views: 0, stateListeners: 0, timers: 0 });
  expect(house.faults).toEqual([]);
});
