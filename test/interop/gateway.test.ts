import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { type Address, vncviewer, xfreerdp } from './harness/clients.js';
import { untilSame } from './harness/compare.js';
import { XFREERDP } from './harness/every-client.js';
import { Grub } from './harness/grub.js';
import { GRUB_ISO } from './harness/guest.js';
import { freeze, startPattern } from './harness/pattern.js';
import { endEverything, scratch, start } from './harness/processes.js';
import { Qmp } from './harness/qmp.js';
import { requires } from './harness/requires.js';
import { PASSWORD, Vitrine } from './harness/vitrine.js';
import { until } from './harness/wait.js';
import { XClient } from './harness/x-client.js';
import { Xvnc } from './harness/xvnc.js';

const BRUSH = 0xffb000;

/** A guest that somebody else's QEMU serves over VNC. */
async function qemuWithVnc(): Promise<{ qmp: Qmp; vnc: Address }> {
  const socket = join(scratch(), 'qmp');
  const machine = ['-accel', 'tcg', '-m', '128', '-nic', 'none', '-cdrom', GRUB_ISO];
  const control = ['-vnc', '127.0.0.1:0,to=999', '-qmp', `unix:${socket},server=on,wait=off`];
  const qemu = start('qemu-system-x86_64', ['-display', 'none', ...machine, ...control]);
  await until('QEMU listens', () => existsSync(socket), { state: () => qemu.output });
  const qmp = await Qmp.connect(socket);
  const { service } = (await qmp.execute('query-vnc')) as { service: string };
  return { qmp, vnc: { host: '127.0.0.1', port: Number(service) } };
}

describe('a VNC server made reachable by RDP', () => {
  afterEach(endEverything);
  afterAll(endEverything);

  test("QEMU's own", requires(...XFREERDP.needs, 'qemu', "GRUB's rescue ISO"), async () => {
    const { qmp, vnc } = await qemuWithVnc();
    const grub = new Grub(qmp);
    await grub.atMenu();
    const vitrine = await Vitrine.start(['--engine=rfb', `--attach=rfb://${vnc.host}:${vnc.port}`]);
    const client = await XClient.open(xfreerdp(vitrine.rdp, vitrine.login));
    const shown = () => client.picture();
    await untilSame('menu behind the gateway', shown, () => grub.screen());

    await grub.toGraphics(800, 600);
    await untilSame('graphics behind the gateway', shown, () => grub.screen());
    const text = 'Through 2 hops: aZ9!@_:"~| {x} <y> \\z';
    const typedByQemu = await grub.typed(text);
    await client.type(text);
    await untilSame(
      'text through the gateway',
      () => grub.screen(),
      () => typedByQemu,
    );
    await untilSame('text behind the gateway', shown, () => typedByQemu);
    expect(await vitrine.stop()).toEqual({ code: 0, signal: null });
  });

  // Two vitrines and a stranger between them: card -> vitrine -> vncviewer in Xvnc -> vitrine -> xfreerdp.
  test('Xvnc with a password', requires(...XFREERDP.needs, 'Xvnc', 'vncviewer', 'tigervncpasswd'), async () => {
    const password = 'open-it!';
    const xvnc = await Xvnc.start(password, '1100x800');
    const card = await startPattern();
    await freeze(card);
    const inside = await XClient.open(vncviewer(card.vitrine.vnc, PASSWORD), xvnc);

    const vitrine = await Vitrine.start([
      '--engine=rfb',
      `--attach=rfb://:${encodeURIComponent(password)}@${xvnc.address.host}:${xvnc.address.port}`,
    ]);
    const client = await XClient.open(xfreerdp(vitrine.rdp, vitrine.login));
    await untilSame(
      'Xvnc behind the gateway',
      () => client.picture(),
      () => xvnc.picture(),
    );

    const place = (await inside.place())!;
    await client.click(place.x + 500, place.y + 300);
    await until('the click arrives', async () => {
      const { width, pixels } = await card.probe.picture();
      // Beside the crosshair's lines, within the brush.
      return pixels[301 * width + 501] === BRUSH;
    });
    const before = card.probe.updates;
    await client.type('Hi!');
    await until('the keys arrive', () => card.probe.updates > before);
    await untilSame(
      'Xvnc after input',
      () => client.picture(),
      () => xvnc.picture(),
    );
    expect(await vitrine.stop()).toEqual({ code: 0, signal: null });
  });
});
