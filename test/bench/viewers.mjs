// What one more viewer costs a server: somebody drags the demo's window ten times a second, one viewer and then five
// follow, and the slope of the processor time over the updates is the price of an update. What a core could carry is
// that price extrapolated; nobody has seen so many.
import { desktopStands } from './demo-machines.mjs';
import { rounded } from './figures.mjs';
import { hasQemu, pause, startQemu, startVitrine } from './machines.mjs';
import { processorMs, sum } from './processes.mjs';
import { RdpViewer } from './rdp-viewer.mjs';
import { COPY_RECT, RAW, RfbViewer, ZRLE } from './rfb-viewer.mjs';
import { startService } from './service.mjs';
import { hasVncviewer, hasXvnc, showOn, startXvnc } from './xvnc.mjs';

const PER_SECOND = 10;
const [FEW, MANY] = [1, 5];
const WARM_UP_MS = 500;
const MEASURE_MS = 2000;
const MACHINE = 'desk';
/** On the title bar of the window to drag, and how far it is moved back and forth. */
const [GRIP_X, GRIP_Y, REACH] = [644, 127, 320];

/** Drags until it is closed. */
async function dragger(server) {
  const viewer = await RfbViewer.connect(server, [ZRLE, COPY_RECT, RAW]);
  await desktopStands(viewer);
  viewer.pointer(GRIP_X, GRIP_Y, 0);
  await pause(WARM_UP_MS);
  viewer.pointer(GRIP_X, GRIP_Y, 1);
  let step = 0;
  const timer = setInterval(() => {
    step++;
    const swing = Math.sin((step / 16) * Math.PI);
    viewer.pointer(GRIP_X - Math.round(REACH * (1 - swing) * 0.5), GRIP_Y + (step % 8) * 24, 1);
  }, 1000 / PER_SECOND);
  return {
    close() {
      clearInterval(timer);
      viewer.close();
    },
  };
}

/** `counts` tells how many updates and bytes all viewers have got so far. */
async function measured(pids, counts) {
  const now = async () => ({ ...(await counts()), processorMs: sum(pids.map(processorMs)), ms: performance.now() });
  await pause(WARM_UP_MS);
  const before = await now();
  await pause(MEASURE_MS);
  const after = await now();
  return Object.fromEntries(Object.entries(after).map(([name, value]) => [name, value - before[name]]));
}

/** The figures of a server that is dragged in already. */
async function slope(pids, connect, countsOf) {
  const viewers = [];
  const counts = () => countsOf(viewers);
  try {
    const at = async (count) => {
      while (viewers.length < count) viewers.push(await connect());
      return measured(pids, counts);
    };
    const [few, many] = [await at(FEW), await at(MANY)];
    const perSecond = (of) => (of.updates / of.ms) * 1000;
    const moreUpdates = perSecond(many) - perSecond(few);
    const morePercent = (many.processorMs / many.ms - few.processorMs / few.ms) * 100;
    const msPerUpdate = (morePercent * 10) / moreUpdates;
    return {
      perViewer: rounded(perSecond(many) / MANY),
      kibPerUpdate: rounded(many.bytes / many.updates / 1024),
      msPerUpdate: rounded(msPerUpdate, 2),
      viewersPerCore: rounded(1000 / (msPerUpdate * PER_SECOND), 0),
    };
  } finally {
    for (const viewer of viewers) viewer.close();
  }
}

const ofRfb = (viewers) => ({
  updates: sum(viewers.map(({ updates }) => updates)),
  bytes: sum(viewers.map(({ bytes }) => bytes)),
});
const zrle = (server) => () => RfbViewer.connect(server, [ZRLE, RAW]);

async function throughService(figures) {
  const service = await startService();
  try {
    await service.define(MACHINE, { demo: true, engine: 'emulator' });
    await service.api.call('machine.start', { machine: MACHINE });
    const rfb = await service.rfb(MACHINE);
    const hand = await dragger(rfb);
    const pids = [service.pid, (await service.machine(MACHINE)).pid];
    figures['vitrine, RFB, ZRLE'] = await slope(pids, zrle(rfb), ofRfb);
    const rdp = await service.rdp(MACHINE);
    // What the service says of its sessions: the RDP client here does not look into what it gets.
    const ofRdp = async () => {
      const sessions = (await service.api.call('session.list', {})).filter(({ via }) => via === 'rdp');
      return { updates: sum(sessions.map((s) => s.updates)), bytes: sum(sessions.map((s) => s.sentBytes)) };
    };
    figures['vitrine, RDP, bitmaps'] = await slope(pids, () => RdpViewer.connect(rdp), ofRdp);
    hand.close();
  } finally {
    await service.stop();
  }
}

async function ofQemu(figures) {
  const qemu = await startQemu();
  try {
    const hand = await dragger(qemu.rfb);
    figures["QEMU's own VNC, ZRLE"] = await slope([qemu.pid], zrle(qemu.rfb), ofRfb);
    hand.close();
  } finally {
    await qemu.stop();
  }
}

async function ofXvnc(figures) {
  const vitrine = await startVitrine(['--demo', '--auth=none']);
  const xvnc = await startXvnc();
  const { host, port } = vitrine.rfb;
  const viewer = showOn(xvnc.display, { host, port });
  try {
    const hand = await dragger({ host, port });
    figures['Xvnc, ZRLE'] = await slope([xvnc.pid], zrle(xvnc.rfb), ofRfb);
    hand.close();
  } finally {
    await viewer.stop();
    await xvnc.stop();
    await vitrine.stop();
  }
}

export async function viewers() {
  const figures = {};
  await throughService(figures);
  if (hasQemu()) await ofQemu(figures);
  if (hasXvnc() && hasVncviewer()) await ofXvnc(figures);
  return figures;
}
