import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { SingleUser } from '../../server/auth/single-user.js';
import { Tickets } from '../../server/auth/tickets.js';
import { resumeRfb, serveRfb } from '../../server/rfb/session.js';
import type { Host } from '../../server/session/host.js';
import type { Session } from '../../server/session/session.js';
import { TcpTransport } from '../../server/transport/tcp.js';
import { createWebServer } from '../../server/web/http.js';
import { systemClock } from '../../src/base/clock.js';
import { CONTENTS } from '../encode/rfb-content.js';
import { Random } from '../random.js';
import { House } from '../server/rfb/fixture.js';
import { NoVnc } from './harness/browser.js';
import { vncviewer } from './harness/clients.js';
import { untilSame } from './harness/compare.js';
import type { DesktopClient } from './harness/desktop-client.js';
import { NOVNC, VNCVIEWER } from './harness/every-client.js';
import type { Picture } from './harness/picture.js';
import { atEnd, endEverything } from './harness/processes.js';
import { requires } from './harness/requires.js';
import { PASSWORD } from './harness/vitrine.js';
import { until } from './harness/wait.js';
import { XClient } from './harness/x-client.js';

const IDENTITY = { user: 'alice' };

function house(name: string, width: number, height: number): House {
  const made = new House(new SingleUser('vitrine', PASSWORD), name);
  made.machine.display.resize(width, height);
  const random = new Random(name.length);
  made.paint(0, 0, width, height, (x, y) => CONTENTS.photo!(x, y, random));
  return made;
}

function pictureOf({ machine: { display } }: House): Picture {
  const { width, height, framebuffer } = display;
  return { width, height, pixels: framebuffer.words.slice(0, width * height).map((word) => word & 0xffffff) };
}

function sessionIn(at: House): Promise<Session> {
  return until(`a session in ${at.machine.name}`, () => [...at.sessions].find(({ identity }) => identity));
}

async function listen(server: Server): Promise<{ host: string; port: number }> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(() => void server.close());
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

/** To another machine and back, in the middle of whatever is going on, with typing in between. */
async function travel(client: DesktopClient, home: House, away: House): Promise<void> {
  const shows = (at: House) =>
    untilSame(
      `${at.machine.name} in ${client.name}`,
      () => client.picture(),
      () => pictureOf(at),
    );
  await shows(home);
  for (const [from, to] of [
    [home, away],
    [away, home],
    [home, away],
  ] as const) {
    // Large changes are under way when it goes.
    const noise = new Random(5);
    from.paint(0, 0, from.machine.display.width, from.machine.display.height, () => noise.next());
    await new Promise(setImmediate);
    const departure = (await sessionIn(from)).detach()!;
    const { kind, ...handover } = JSON.parse(JSON.stringify(departure.handover));
    resumeRfb(departure.transport, to.host, { kind, ...handover }, IDENTITY);
    await shows(to);
    to.paint(10, 10, 100, 80, 0x20c040);
    await shows(to);
    await client.press('a');
    await until('the key arrives', () => to.engine.keys.includes('-1e'), { state: () => to.engine.takeKeys() });
    expect(from.sessions.size).toBe(0);
    expect(to.engine.takeKeys()).toBe('+1e -1e');
  }
  expect([...home.errors, ...away.errors]).toEqual([]);
}

describe('a client that goes from one machine to another', () => {
  afterEach(endEverything);
  afterAll(endEverything);

  for (const encoding of ['ZRLE', 'Hextile', 'Raw']) {
    test(`vncviewer, ${encoding}`, requires(...VNCVIEWER.needs), async () => {
      const [home, away] = [house('home', 800, 600), house('far away', 640, 480)];
      const address = await listen(createServer((socket) => void serveRfb(new TcpTransport(socket), home.host)));
      const options = ['-AutoSelect=0', `-PreferredEncoding=${encoding}`];
      await travel(await XClient.open(vncviewer(address, PASSWORD, options)), home, away);
    });
  }

  test('noVNC', requires(...NOVNC.needs), async () => {
    const [home, away] = [house('home', 800, 600), house('far away', 640, 480)];
    const host: Host = { ...home.host, clock: systemClock };
    const web = createWebServer(host, new Tickets(systemClock), serveRfb);
    const { port } = await listen(web.server);
    atEnd(() => web.close());
    await travel(await (await NoVnc.open(`http://127.0.0.1:${port}/`, PASSWORD)).shown(), home, away);
  });
});
