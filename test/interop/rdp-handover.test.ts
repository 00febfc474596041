import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeIdentity } from '../../server/auth/make-certificate.js';
import { serveRdp } from '../../server/rdp/session.js';
import type { Host } from '../../server/session/host.js';
import type { Reception, Return } from '../../server/session/reception.js';
import type { Session } from '../../server/session/session.js';
import { TcpTransport } from '../../server/transport/tcp.js';
import { systemClock } from '../../src/base/clock.js';
import { House } from '../server/rdp/fixture.js';
import { type Address, rdesktop, xfreerdp } from './harness/clients.js';
import { type Tolerance, untilSame } from './harness/compare.js';
import { crop, type Picture } from './harness/picture.js';
import { endEverything } from './harness/processes.js';
import { RdpJs } from './harness/rdpjs.js';
import { requires, X } from './harness/requires.js';
import { until } from './harness/wait.js';
import { XClient } from './harness/x-client.js';

const LOGIN = { user: 'vitrine', password: 'secret' };
const BITS_565: Tolerance = { red: 7, green: 3, blue: 7 };
const SMALL = { width: 640, height: 480 };
const LARGE = { width: 1024, height: 768 };

/** One front desk and two desks, all in this process; each hand-over crosses between two sessions of their own. */
describe('an RDP client from house to house', () => {
  let server: Server;
  let at: Address;
  let lobby: House;
  let large: House;
  let small: House;
  let reception: Reception;
  let session: Session;
  const told: string[] = [];
  const clock = systemClock;

  const onReturn: Return = (_, departure, reason, text) => {
    told.push(`${reason}: ${text}`);
    session = lobby.resume(departure, { clock });
  };
  const goTo = (house: House): void => {
    session = house.resume(session.detach()!, { clock, onReturn });
  };

  beforeAll(async () => {
    lobby = await House.open(undefined, SMALL);
    large = await House.open(undefined, LARGE);
    small = await House.open(undefined, SMALL);
    write(lobby, 'front desk');
    write(large, 'large');
    write(small, 'small');
    const pem = await makeIdentity(Date.now());
    const host: Host = {
      ...lobby.host,
      clock,
      tls: { cert: pem, key: pem },
      reception: { arrived: (...asked) => reception.arrived(...asked) },
    };
    server = createServer((socket) => {
      session = serveRdp(new TcpTransport(socket), host);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    at = { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
  });
  afterAll(async () => {
    await endEverything();
    server?.close();
    for (const house of [lobby, large, small]) {
      await house?.machine.stop();
      expect(house?.faults).toEqual([]);
      expect(house?.leftovers()).toEqual({ sessions: 0, views: 0, stateListeners: 0, timers: 0 });
    }
  });

  const CLIENTS = [
    ['xfreerdp', xfreerdp, []],
    ['xfreerdp without fast-path output', xfreerdp, ['-fast-path']],
    ['rdesktop', rdesktop, ['-a32']],
  ] as const;
  for (const [name, command, options] of CLIENTS) {
    const program = command === xfreerdp ? 'xfreerdp' : 'rdesktop';
    test(
      `${name}: in, there, back by the chord, there again, thrown out, goodbye`,
      requires(...X, program),
      async () => {
        told.length = 0;
        reception = { arrived: async () => 'here' };
        const client = await XClient.open(command(at, LOGIN, options));
        const shows = (house: House): Promise<Picture> =>
          untilSame(
            `${name} at its place`,
            async () => crop(await client.picture(), 0, 0, house.machine.display.width, house.machine.display.height),
            () => screenOf(house),
          );
        await shows(lobby);
        goTo(large);
        await shows(large);
        await client.press('ctrl+alt+shift+p');
        await until('it is back', () => told.length === 1);
        await shows(lobby);
        goTo(small);
        await shows(small);
        await client.type('ok');
        await until('the guest has its keys', () => small.engine.typed.endsWith('ok'), {
          state: () => small.engine.typed,
        });
        goTo(large);
        await shows(large);
        session.close('taken-over', 'bob has taken over the screen');
        await shows(lobby);
        expect(told).toEqual(['menu: ', 'taken-over: bob has taken over the screen']);
        session.close('kicked');
        const { code } = await client.ended();
        expect(code).not.toBe(0);
      },
    );
  }

  test('xfreerdp is handed on at its login', requires(...X, 'xfreerdp'), async () => {
    reception = {
      async arrived(arrived, identity) {
        session = large.resume(arrived.detach()!, { clock }, identity);
        return 'gone';
      },
    };
    const client = await XClient.open(xfreerdp(at, LOGIN));
    await untilSame(
      'xfreerdp',
      () => client.picture(),
      () => screenOf(large),
    );
    await client.close();
    await until('nobody is left', () => large.sessions.size === 0);
  });

  test('node-rdpjs-2, which cannot follow a resize', async () => {
    reception = { arrived: async () => 'here' };
    const client = await new RdpJs(at, LOGIN, SMALL).shown();
    const shows = (house: House) =>
      untilSame(
        'node-rdpjs-2',
        () => client.picture(),
        () => crop(screenOf(house), 0, 0, SMALL.width, SMALL.height),
        {
          tolerance: BITS_565,
        },
      );
    await shows(lobby);
    for (const house of [small, large, lobby]) {
      goTo(house);
      await shows(house);
    }
    expect(client.errors).toEqual([]);
    await client.close();
    await until('nobody is left', () => lobby.sessions.size === 0);
  });
});

/** Types on the card, so that no two houses look the same. */
function write({ machine }: House, text: string): void {
  const source = machine.input.source();
  for (const character of text) source.type(character.codePointAt(0)!);
  source.close();
}

function screenOf({ machine: { display } }: House): Picture {
  const { width, height, framebuffer } = display;
  return { width, height, pixels: framebuffer.words.slice(0, width * height).map((word) => word & 0xffffff) };
}
