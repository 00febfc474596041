import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { vncviewerAs } from './harness/clients.js';
import { untilSame } from './harness/compare.js';
import { VNCVIEWER } from './harness/every-client.js';
import { freeze, type PatternGuest, startPattern } from './harness/pattern.js';
import { endEverything } from './harness/processes.js';
import { requires } from './harness/requires.js';
import { XClient } from './harness/x-client.js';

/** As vncviewer calls them in its log. */
const WAYS = ['X509Plain', 'X509Vnc', 'TLSPlain', 'TLSVnc', 'VncAuth'] as const;

describe('ways to log in with vncviewer', () => {
  let guest: PatternGuest;

  beforeAll(async () => {
    guest = await startPattern();
    await freeze(guest);
  });
  afterAll(async () => {
    await guest?.vitrine.stop();
    await endEverything();
  });

  const viewer = (...options: string[]) => {
    const { vnc, login, stateDir } = guest.vitrine;
    // The certificate is its own authority: with it here, no question is asked about it.
    const all = [`-X509CA=${join(stateDir, 'tls.pem')}`, ...options];
    return (password = login.password) => vncviewerAs(vnc, { ...login, password }, all);
  };

  for (const way of WAYS) {
    test(way, requires(...VNCVIEWER.needs), async () => {
      const client = await XClient.open(viewer(`-SecurityTypes=${way}`)());
      const shown = () => client.picture();
      await untilSame(`card by ${way}`, shown, () => guest.probe.picture());
      expect(client.program.output).toContain(way);
      await client.close();
    });

    test(`${way} with a wrong password`, requires(...VNCVIEWER.needs), async () => {
      const client = await XClient.start(viewer(`-SecurityTypes=${way}`)('wrong'));
      await client.ended();
      expect(client.program.output).toMatch(way.endsWith('Plain') ? /wrong user name or password/ : /wrong password/);
    });
  }

  test('its own choice', requires(...VNCVIEWER.needs), async () => {
    const client = await XClient.open(viewer()());
    await untilSame(
      'card by default',
      () => client.picture(),
      () => guest.probe.picture(),
    );
    await client.close();
  });
});
