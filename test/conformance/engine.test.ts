import type { AddressInfo } from 'node:net';
import { Anyone } from '../../server/auth/single-user.js';
import { Throttle } from '../../server/auth/throttle.js';
import { serveRfb } from '../../server/rfb/session.js';
import { SessionList } from '../../server/session/session-list.js';
import { createStreamServer } from '../../server/transport/accept.js';
import { systemClock } from '../../src/base/clock.js';
import { silentLog } from '../../src/base/log.js';
import { PatternEngine } from '../../src/engine/pattern/pattern.js';
import { RfbEngine } from '../../src/engine/rfb/engine.js';
import { Machine } from '../../src/machine/machine.js';
import { type EngineFixture, engineSuite } from './engine-suite.js';

const KEY_A = 0x1e;
const F1 = 0x3b;
const F9 = 0x43;

engineSuite('pattern', async () => {
  const engine = new PatternEngine({ fps: 0 });
  return {
    engine,
    echoKey: KEY_A,
    pointerAt: [
      [10, 10],
      [500, 400],
    ],
    changeMode: () => engine.key(F1, true),
    loss: { state: 'crashed', cause: () => engine.key(F9, true) },
    close: async () => {},
  };
});

// Engines with guests of their own that take long to boot bring their fixtures in files beside this one.

/** A guest behind our own RFB server, attached to by an address that stands for this host. */
async function attached(host: string): Promise<EngineFixture> {
  const guest = new PatternEngine({ fps: 0, width: 640, height: 480 });
  const machine = new Machine('guest', guest);
  await machine.start();
  const sessions = new SessionList();
  const server = createStreamServer(
    {
      machine,
      sessions,
      credentials: new Anyone(),
      throttle: new Throttle(),
      tls: { cert: '', key: '' },
      clock: systemClock,
      log: silentLog,
    },
    serveRfb,
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const engine = new RfbEngine(`rfb://${host}:${port}`, { log: silentLog });
  const stopServer = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve));
    sessions.closeAll('shutdown');
    await closed;
  };
  return {
    engine,
    echoKey: KEY_A,
    pointerAt: [
      [10, 10],
      [500, 400],
    ],
    changeMode: () => guest.key(F1 + 2, true),
    loss: { state: 'starting', cause: stopServer },
    close: async () => {
      if (server.listening) await stopServer();
      await machine.stop();
    },
  };
}

engineSuite('rfb, attached to our own server', () => attached('127.0.0.1'));
// The same host by a name that does not look it: compressed, as from another host.
engineSuite('rfb, attached to our own server with ZRLE', () => attached('127.1'));
