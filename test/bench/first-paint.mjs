// How long a viewer waits for its first whole picture, from the TCP connection on, with login (the peers have none), on
// loopback. What the clients do themselves is in the figures: RFB with Raw pixels, which are only counted, and RDP by
// node-rdpjs-2, which decodes nothing here.
import { latency } from './figures.mjs';
import { hasQemu, startQemu, startVitrine } from './machines.mjs';
import { RdpViewer } from './rdp-viewer.mjs';
import { RAW, RfbViewer } from './rfb-viewer.mjs';
import { hasXvnc, startXvnc } from './xvnc.mjs';

const ROUNDS = 20;
const WARM_UP = 3;

/** How long `connect` takes; its viewer is closed afterwards. */
async function first(connect) {
  const startMs = performance.now();
  const viewer = await connect();
  const ms = performance.now() - startMs;
  viewer.close();
  return ms;
}

/** Of so many viewers, one after the other. */
export async function firstPictures(connect) {
  const ms = [];
  for (let i = 0; i < WARM_UP + ROUNDS; i++) {
    const took = await first(connect);
    if (i >= WARM_UP) ms.push(took);
  }
  return latency(ms);
}

const rawOf = (server) => firstPictures(() => RfbViewer.connect(server, [RAW]));

async function peer(start) {
  const server = await start();
  try {
    return await rawOf(server.rfb);
  } finally {
    await server.stop();
  }
}

export async function firstPaint() {
  const figures = {};
  const vitrine = await startVitrine(['--demo']);
  try {
    figures['RFB, VncAuth, Raw'] = await rawOf(vitrine.rfb);
    figures['RDP, TLS'] = await firstPictures(() => RdpViewer.connect(vitrine.rdp));
  } finally {
    await vitrine.stop();
  }
  if (hasQemu()) figures["QEMU's own VNC, Raw"] = await peer(startQemu);
  if (hasXvnc()) figures['Xvnc, Raw'] = await peer(startXvnc);
  return figures;
}
