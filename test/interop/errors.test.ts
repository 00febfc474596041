import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NoVnc } from './harness/browser.js';
import { rdesktop, vncviewer, xfreerdp } from './harness/clients.js';
import { NOVNC, RDESKTOP, VNCVIEWER, XFREERDP } from './harness/every-client.js';
import { GRUB_ISO } from './harness/guest.js';
import { type PatternGuest, startPattern } from './harness/pattern.js';
import { atEnd, endEverything, scratch } from './harness/processes.js';
import { RdpJs } from './harness/rdpjs.js';
import { requires } from './harness/requires.js';
import { RfbProbe } from './harness/rfb-probe.js';
import { type Vitrine, vitrineCommand } from './harness/vitrine.js';
import { until } from './harness/wait.js';
import { XClient } from './harness/x-client.js';

afterAll(endEverything);

describe('vitrine run says what is wrong in one line', () => {
  const free = ['--rdp=off', '--vnc=off', '--http=off'];

  /** Runs it to its end; stderr must be that one line. */
  async function failure(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const program = vitrineCommand(['run', '--state-dir', scratch(), ...args], env);
    const { code } = await program.exited;
    expect(program.stderr.trimEnd().split('\n'), program.stderr).toHaveLength(1);
    return { code, line: program.stderr };
  }

  test('an option that does not exist', async () => {
    const { code, line } = await failure(['--demo', '--bogus']);
    expect(line).toMatch(/^vitrine: .*bogus/);
    expect(code).toBe(2);
  });

  test('nothing to boot', async () => {
    const { code, line } = await failure(free);
    expect(line).toMatch(/nothing to boot/);
    expect(code).toBe(2);
  });

  test('a port that is taken', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    atEnd(() => taken.close());
    const { port } = taken.address() as { port: number };
    const { code, line } = await failure(['--demo', `--rdp=127.0.0.1:${port}`, '--vnc=off', '--http=off']);
    expect(line).toContain(`${port}`);
    expect(code).toBe(1);
  });

  test('an image that is not there', async () => {
    const { code, line } = await failure(['--cdrom=/nowhere/missing.iso', '--accel=tcg', ...free]);
    expect(line).toContain('/nowhere/missing.iso');
    expect(code).toBe(1);
  });

  test('QEMU that is not installed', async () => {
    const iso = join(scratch(), 'guest.iso');
    writeFileSync(iso, Buffer.alloc(64 << 10));
    const { code, line } = await failure(['--engine=qemu', `--cdrom=${iso}`, ...free], { PATH: scratch() });
    expect(line).toMatch(/qemu/i);
    expect(code).toBe(1);
  });

  test('QEMU that refuses its options', requires('qemu', "GRUB's rescue ISO"), async () => {
    const options = ['--engine=qemu', '--accel=tcg', `--cdrom=${GRUB_ISO}`, '--qemu-arg=-bogus'];
    const { code, line } = await failure([...options, ...free]);
    expect(line).toContain('-bogus');
    expect(code).toBe(1);
  });

  test('a VNC server that does not answer', async () => {
    // Port 1 is nobody's.
    const { code, line } = await failure(['--attach=rfb://127.0.0.1:1', ...free]);
    expect(line).toContain('127.0.0.1:1');
    expect(code).toBe(1);
  });

  test('no password where others can reach it', async () => {
    const { code, line } = await failure(['--demo', '--auth=none', '--rdp=off', '--vnc=0.0.0.0:auto', '--http=off']);
    expect(line).toContain('--insecure');
    expect(code).toBe(2);
  });
});

describe('a wrong password', () => {
  let guest: PatternGuest;
  beforeAll(async () => {
    guest = await startPattern();
  });
  /** The right one still works: nobody else is hurt, and failures of this address are forgotten. */
  const othersAreWell = async () => {
    expect(guest.probe.closed).toBe(false);
    const other = await RfbProbe.connect(guest.vitrine.vnc, guest.vitrine.login.password);
    other.close();
    const before = guest.probe.updates;
    guest.probe.key('x'.charCodeAt(0));
    await until('the first client is still served', () => guest.probe.updates > before);
  };
  const wrong = (vitrine: Vitrine) => ({ ...vitrine.login, password: 'wrong' });

  test('xfreerdp ends and says so', requires(...XFREERDP.needs), async () => {
    const client = await XClient.start(xfreerdp(guest.vitrine.rdp, wrong(guest.vitrine)));
    const { code } = await client.ended();
    expect(code).not.toBe(0);
    expect(client.program.output).toMatch(/LOGON_FAILURE|ERRINFO|denied|password/i);
    await othersAreWell();
  });

  test('rdesktop ends', requires(...RDESKTOP.needs), async () => {
    const client = await XClient.start(rdesktop(guest.vitrine.rdp, wrong(guest.vitrine)));
    const { code } = await client.ended();
    expect(code).not.toBe(0);
    await othersAreWell();
  });

  test('vncviewer ends and says so', requires(...VNCVIEWER.needs), async () => {
    const client = await XClient.start(vncviewer(guest.vitrine.vnc, 'wrong'));
    await client.ended();
    expect(client.program.output).toMatch(/authentication failure|password/i);
    await othersAreWell();
  });

  test('noVNC asks again and says why', requires(...NOVNC.needs), async () => {
    const client = await NoVnc.open(`http://${guest.vitrine.ready.http}/`, 'wrong');
    await client.page
      .getByRole('alert')
      .filter({ hasText: /password|authentication/i })
      .waitFor();
    await client.login(guest.vitrine.login.password);
    await client.shown();
    await client.close();
    await othersAreWell();
  });

  test('node-rdpjs-2 is disconnected', async () => {
    const client = new RdpJs(guest.vitrine.rdp, wrong(guest.vitrine), { width: 1024, height: 768 });
    await until('it is told', () => client.closed);
    expect(client.bitmaps).toBe(0);
    await othersAreWell();
  });
});
