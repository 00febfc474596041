// How long a viewer waits for its first whole picture, from the TCP connection on, with login, at 1024x768 on loopback.
// What the clients do themselves is in the figures: RFB with Raw pixels, which are only counted, and RDP by
// node-rdpjs-2, which decodes nothing here.
import { createRequire } from 'node:module';
import { latency } from './figures.mjs';
import { PASSWORD, startVitrine } from './machines.mjs';
import { RAW, RfbViewer } from './rfb-viewer.mjs';

const ROUNDS = 20;
const WARM_UP = 3;
const DEADLINE_MS = 20_000;
// Its logger reads this when it is loaded; it warns whenever a connection is closed.
process.env.log_level = 'fatal';
const rdp = createRequire(import.meta.url)('node-rdpjs-2');

async function overRfb(server) {
  const startedMs = performance.now();
  const viewer = await RfbViewer.connect(server, [RAW]);
  const ms = performance.now() - startedMs;
  viewer.close();
  return ms;
}

function overRdp({ host, port, user, width, height }) {
  return new Promise((resolve, reject) => {
    const startedMs = performance.now();
    let missing = width * height;
    const login = { domain: '', userName: user, password: PASSWORD, autoLogin: true, enablePerf: true };
    const client = rdp.createClient({ ...login, decompress: false, screen: { width, height }, logLevel: 'ERROR' });
    const timer = setTimeout(() => reject(new Error(`${missing} pixels never came over RDP`)), DEADLINE_MS);
    client.on('error', reject);
    client.on('bitmap', ({ destLeft, destRight, destTop, destBottom }) => {
      missing -= (destRight - destLeft + 1) * (destBottom - destTop + 1);
      if (missing > 0) return;
      clearTimeout(timer);
      resolve(performance.now() - startedMs);
      missing = Number.POSITIVE_INFINITY;
      client.close();
    });
    client.connect(host, port);
  });
}

async function repeated(once) {
  const ms = [];
  for (let i = 0; i < WARM_UP + ROUNDS; i++) {
    const took = await once();
    if (i >= WARM_UP) ms.push(took);
  }
  return latency(ms);
}

export async function firstPaint() {
  const vitrine = await startVitrine(['--engine=pattern']);
  try {
    return {
      'RFB, VncAuth, Raw': await repeated(() => overRfb(vitrine.rfb)),
      'RDP, TLS, node-rdpjs-2': await repeated(() => overRdp(vitrine.rdp)),
    };
  } finally {
    await vitrine.stop();
  }
}
