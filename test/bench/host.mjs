// A host of many machines, `vitrine serve`: what a machine's own process takes beside its guest's memory, how long it
// takes from the API's start to a screen, from a client's connecting through the broker to its first picture, and what
// the service itself does while twelve viewers look at a desktop at rest.
import { desktopStands } from './demo-machines.mjs';
import { rounded } from './figures.mjs';
import { firstPictures } from './first-paint.mjs';
import { DEMO, hasQemu, pause } from './machines.mjs';
import { familyOf, guestMemoryOf, memoryOf, percentWithin, sum } from './processes.mjs';
import { RdpViewer } from './rdp-viewer.mjs';
import { COPY_RECT, RAW, RfbViewer, ZRLE } from './rfb-viewer.mjs';
import { startService } from './service.mjs';

const ROUNDS = 3;
const VIEWERS = 12;
/** V8 gives back what starting took some eight seconds after it has come to rest, and takes some time for it. */
const SETTLE_MS = 12_000;
const MEASURE_MS = 3000;
const LULL_MS = 1000;
/** Until what twelve logins have left behind is tidied up. */
const AFTER_LOGINS_MS = 4000;
const MACHINES = {
  emulator: { demo: true, engine: 'emulator', memory: 64 },
  qemu: { kernel: DEMO, engine: 'qemu', accel: 'tcg', memory: 64 },
};
const median = (values) => rounded([...values].sort((a, b) => a - b)[values.length >> 1], 0);

/** From asking for the start, by `start`, to the demo's desktop on the screen of a viewer that came when it ran. */
async function starts(service, name, start) {
  const [running, seen] = [[], []];
  for (let i = 0; i < ROUNDS; i++) {
    const startMs = performance.now();
    await start();
    running.push(performance.now() - startMs);
    const viewer = await RfbViewer.connect(await service.rfb(name), [RAW], [128, 128]);
    await desktopStands(viewer);
    await viewer.colour((colour) => colour !== 0);
    seen.push(performance.now() - startMs);
    viewer.close();
    await service.api.call('machine.stop', { machine: name });
  }
  return { running: median(running), desktopSeen: median(seen) };
}

/** A machine's process, and what it has started besides: QEMU and its guard. */
async function processOf(service, name) {
  const { pid } = await service.machine(name);
  const others = familyOf(pid).slice(1);
  const guest = guestMemoryOf(pid);
  const { rss, pss } = memoryOf(pid);
  return {
    rssMb: rounded(rss - guest, 0),
    pssMb: rounded(pss - guest, 0),
    guestMb: rounded(guest + sum(others.map((each) => memoryOf(each).rss)), 0),
    percentOfACore: await percentWithin(MEASURE_MS, [pid]),
  };
}

export async function host() {
  const service = await startService();
  const { api } = service;
  const names = hasQemu() ? Object.keys(MACHINES) : ['emulator'];
  const viewers = [];
  try {
    // Those at rest come first: they have come to rest by the time the others are done.
    for (const name of names) {
      await service.define(`quiet-${name}`, MACHINES[name]);
      await api.call('machine.start', { machine: `quiet-${name}` });
    }
    const restMs = performance.now() + SETTLE_MS;
    const start = {};
    for (const name of names) {
      await service.define(name, MACHINES[name]);
      start[`API, ${name}`] = await starts(service, name, () => api.call('machine.start', { machine: name }));
    }
    start['vitrine start, emulator'] = await starts(service, 'emulator', () => service.commandMs('start', 'emulator'));

    await api.call('machine.start', { machine: 'emulator' });
    const [rfb, rdp] = [await service.rfb('emulator'), await service.rdp('emulator')];
    const first = {
      'broker, RFB, VncAuth, Raw': await firstPictures(() => RfbViewer.connect(rfb, [RAW])),
      'broker, RDP, TLS': await firstPictures(() => RdpViewer.connect(rdp)),
    };
    await api.call('machine.stop', { machine: 'emulator' });

    await pause(Math.max(LULL_MS, restMs - performance.now()));
    // All at the same time: at rest they hardly disturb each other.
    const alone = percentWithin(MEASURE_MS, [service.pid]);
    const processes = await Promise.all(names.map((name) => processOf(service, `quiet-${name}`)));
    const { rss, pss } = memoryOf(service.pid);
    const nobody = { rssMb: rounded(rss, 0), pssMb: rounded(pss, 0), percentOfACore: await alone };
    const way = await service.rfb('quiet-emulator');
    while (viewers.length < VIEWERS) viewers.push(await RfbViewer.connect(way, [ZRLE, COPY_RECT, RAW]));
    await pause(AFTER_LOGINS_MS);
    const watched = { percentOfACore: await percentWithin(MEASURE_MS, [service.pid]) };
    return {
      'start, ms': start,
      'first picture, ms': first,
      'process beside its guest': Object.fromEntries(names.map((name, i) => [name, processes[i]])),
      service: { 'nobody connected': nobody, [`${VIEWERS} viewers at rest`]: watched },
    };
  } finally {
    for (const viewer of viewers) viewer.close();
    await service.stop();
  }
}
