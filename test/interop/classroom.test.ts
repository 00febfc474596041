import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ApiClient } from '../../server/api/client.js';
import { connectControl } from '../../server/ipc/control-client.js';
import { NoVnc } from './harness/browser.js';
import { Classroom, type Seat } from './harness/classroom.js';
import { vncviewerAs, xfreerdp } from './harness/clients.js';
import { compare, untilSame } from './harness/compare.js';
import type { DesktopClient } from './harness/desktop-client.js';
import { fromPng, type Picture } from './harness/picture.js';
import { endEverything } from './harness/processes.js';
import { isThere, requires, X } from './harness/requires.js';
import { RfbProbe } from './harness/rfb-probe.js';
import { PASSWORD } from './harness/vitrine.js';
import { until } from './harness/wait.js';
import { XClient, type XClientCommand } from './harness/x-client.js';
import { Xvfb } from './harness/xvfb.js';

const SEATS = 12;
/** So many of them in a real browser; the others do what one does. */
const IN_CHROMIUM = 2;
/** xfreerdp waits 5 s between its tries to connect again. */
const RECONNECT_MS = 40_000;
/** Encrypted, by name; nobody is there to be asked about the certificate. */
const BY_NAME = ['-SecurityTypes=TLSPlain'];

interface Viewer {
  picture(): Promise<Picture>;
}

describe('a classroom', requires(...X, 'xfreerdp', 'vncviewer'), () => {
  let room: Classroom;
  let rdp: ReadonlyMap<Seat, XClient>;
  let vnc: ReadonlyMap<Seat, XClient>;
  let xForVnc: Xvfb;
  let web: ReadonlyMap<Seat, DesktopClient | RfbProbe>;
  /** Has a password and no machine. */
  const mallory = { user: 'mallory', password: PASSWORD };

  beforeAll(async () => {
    room = await Classroom.open(SEATS);
    await room.service.api.call('user.create', { name: mallory.user, password: PASSWORD });
  });
  afterAll(endEverything);

  /** All at once. */
  const forAll = async <T>(work: (seat: Seat, index: number) => Promise<T>): Promise<Map<Seat, T>> =>
    new Map(await Promise.all(room.seats.map(async (seat, i) => [seat, await work(seat, i)] as const)));

  /** Pixel by pixel; no two machines show the same. */
  const everyoneSees = async (what: string, viewers: ReadonlyMap<Seat, Viewer>, deadlineMs = 20_000) => {
    for (const [{ machine }, viewer] of viewers) {
      const [shown, screen] = [() => viewer.picture(), () => room.screen(machine)];
      await untilSame(`${machine} ${what}`, shown, screen, { deadlineMs });
    }
  };
  const placesOf = async (via: string) => {
    const sessions = await room.service.api.call('session.list', {});
    return new Map(sessions.filter((session) => session.via === via).map(({ user, machine }) => [user, machine]));
  };
  const ownPlaces = () => new Map(room.seats.map(({ login, machine }) => [login.user, machine]));

  /** The last one has two machines, and says which. */
  const nameOf = ({ login, machine }: Seat) =>
    machine === room.seats.at(-1)!.machine ? `${login.user}#${machine}` : login.user;
  const onX = (command: XClientCommand, { machine }: Seat, x: Xvfb) =>
    XClient.open({ ...command, window: `^${machine}( |$)` }, x);
  const openRdp = (seat: Seat, x: Xvfb) => {
    const { login, machine, place } = seat;
    const options = [`/t:${machine}`, `/window-position:${place.x}x${place.y}`, '/auto-reconnect'];
    return onX(xfreerdp(room.service.rdp, { ...login, user: nameOf(seat) }, options), seat, x);
  };
  const openVnc = (seat: Seat, x: Xvfb) => {
    const { login, place } = seat;
    // The last -geometry counts.
    const options = [...BY_NAME, `-geometry=+${place.x}+${place.y}`];
    return onX(vncviewerAs(room.service.vnc, { ...login, user: nameOf(seat) }, options), seat, x);
  };
  const openWeb = async ({ login, machine }: Seat, index: number) => {
    const { browser, ticket } = await room.service.api.call('console.open', { machine, user: login.user });
    if (index < IN_CHROMIUM && isThere('chromium')) return (await NoVnc.open(browser!)).shown();
    const url = new URL(`console?ticket=${ticket}`, room.service.web.replace('http', 'ws'));
    return RfbProbe.connectWebSocket(String(url));
  };

  test('RDP: at one address everybody lands in their own machine', async () => {
    const x = await Xvfb.start(...room.size);
    rdp = await forAll((seat) => openRdp(seat, x));
    await everyoneSees('by RDP', rdp);
    expect(await placesOf('rdp')).toEqual(ownPlaces());
  });

  test('VNC: the same, by name', async () => {
    xForVnc = await Xvfb.start(...room.size);
    vnc = await forAll((seat) => openVnc(seat, xForVnc));
    await everyoneSees('by VNC', vnc);
    expect(await placesOf('rfb')).toEqual(ownPlaces());
  });

  test('browser: the same, by ticket', async () => {
    web = await forAll(openWeb);
    await everyoneSees('in a browser', web);
    expect(await placesOf('websocket')).toEqual(ownPlaces());
  });

  test('whoever has no role gets nowhere, whichever way they come', async () => {
    const { service } = room;
    const named = { ...mallory, user: `${mallory.user}#desk-1` };
    const x = await Xvfb.start();
    const strangers = [xfreerdp(service.rdp, named), vncviewerAs(service.vnc, named, BY_NAME)];
    await Promise.all(strangers.map(async (command) => (await XClient.start(command, x)).ended()));

    const { token } = await new ApiClient({ url: service.web }).call('auth.login', {
      user: mallory.user,
      password: mallory.password,
      token: true,
    });
    const api = new ApiClient({ url: service.web, token: token! });
    for (const denied of [
      api.call('console.screenshot', { machine: 'desk-1' }),
      api.call('console.open', { machine: 'desk-1' }),
      api.call('machine.show', { machine: 'desk-1' }),
    ]) {
      await expect(denied).rejects.toThrow('there is no machine desk-1');
    }
    expect(await api.call('machine.list', {})).toEqual([]);
    api.close();
    if (isThere('chromium')) {
      const page = await NoVnc.open(`${service.web}console.html?machine=desk-1`);
      await page.page.locator('#user').fill(mallory.user);
      await page.login(mallory.password);
      await until('she is refused there, too', async () => {
        const lines = await service.api.call('host.audit', { user: mallory.user, limit: 100 });
        return lines.filter(({ action, ok }) => action === 'session.start' && !ok).length === strangers.length + 1;
      });
      await page.close();
    }
    const neighbour = { ...room.seats[1]!.login, user: `${room.seats[1]!.login.user}#desk-1` };
    await (await XClient.start(xfreerdp(service.rdp, neighbour), x)).ended();

    const audit = await service.api.call('host.audit', { limit: 1000 });
    const entered = (user: string) =>
      audit
        .filter((line) => line.action === 'session.start' && line.user === user && line.ok)
        .map(({ machine }) => machine);
    expect(entered(mallory.user)).toEqual([]);
    expect(new Set(entered(room.seats[1]!.login.user))).toEqual(new Set(['desk-2']));
  });

  test('a service that is killed takes no machine with it, and its people come back by themselves', async () => {
    const { service } = room;
    const before = await room.pids();
    const screens = await forAll(({ machine }) => room.screen(machine));
    process.kill(service.pid, 'SIGKILL');
    await until('the service has ended', () => service.program.exit);

    // Nobody is there to ask but the machines themselves.
    await forAll(async (seat) => {
      const control = await connectControl(service.socketOf(seat.machine));
      await control.request('type', { text: ' alone' });
      await until(`${seat.machine} goes on`, async () => {
        const { png } = await control.request('screenshot', {});
        return compare(fromPng(Buffer.from(png, 'base64')), screens.get(seat)!).count > 0;
      });
      control.close();
    });

    await service.startAgain();
    expect(await room.pids()).toEqual(before);
    await until('everybody is back', async () => (await placesOf('rdp')).size === SEATS, { deadlineMs: RECONNECT_MS });
    await everyoneSees('after the service', rdp);
    expect(await placesOf('rdp')).toEqual(ownPlaces());
    const [one, page] = [room.seats[0]!, web.get(room.seats[0]!)!];
    await everyoneSees('after the service by VNC', new Map([[one, await openVnc(one, xForVnc)]]));
    if (page instanceof NoVnc) {
      await page.page.locator('#reconnect').click();
      await everyoneSees('after the service in a browser', new Map([[one, page]]));
    }
  });

  test('a machine that is killed comes back to its own people, and the others notice nothing', async () => {
    const { api } = room.service;
    // In the corner: the bigger screen that a demo begins with lies on nobody else's there.
    const [victim, others] = [room.seats.at(-1)!, room.seats.slice(0, -1)];
    const before = await room.pids();
    const sessionsOf = async () => {
      const sessions = await api.call('session.list', {});
      return sessions
        .filter(({ user }) => user !== victim.login.user)
        .map(({ id }) => id)
        .sort();
    };
    const sessions = await sessionsOf();
    process.kill(before.get(victim.machine)!, 'SIGKILL');
    await until('it is there again', async () => {
      const { state, pid } = await api.call('machine.show', { machine: victim.machine });
      return state === 'running' && pid !== before.get(victim.machine);
    });
    for (const { machine } of others) await api.call('console.type', { machine, text: '!' });
    await everyoneSees('while another is killed', new Map(others.map((seat) => [seat, rdp.get(seat)!])));
    expect(await sessionsOf()).toEqual(sessions);
    const after = await room.pids();
    for (const { machine } of others) expect(after.get(machine)).toBe(before.get(machine));
    await room.label(victim);
    await everyoneSees('after its death', new Map([[victim, rdp.get(victim)!]]), RECONNECT_MS);
  });
});
