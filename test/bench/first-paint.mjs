// How long a viewer waits for its first whole picture, from the TCP connection on, with login, at 1024x768 on
// loopback: `npm run build && node test/bench/first-paint.mjs [ROUNDS]`. What the clients do themselves is in the
// figures: RFB with Raw pixels, which are only counted, and RDP by node-rdpjs-2, which decodes nothing here.
import { spawn } from 'node:child_process';
import { createCipheriv } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROUNDS = Number(process.argv[2] ?? 20);
const WARM_UP = 3;
const DEADLINE_MS = 20_000;
const PASSWORD = 'bench-me';
// Its logger reads this when it is loaded; it warns whenever a connection is closed.
process.env.log_level = 'fatal';
const rdp = createRequire(import.meta.url)('node-rdpjs-2');

/** VncAuth: DES with the bits of each key byte mirrored; triple DES with one key is single DES. */
function vncResponse(challenge) {
  const mirror = (byte) => [...Array(8).keys()].reduce((sum, bit) => sum | (((byte >> bit) & 1) << (7 - bit)), 0);
  const key = Buffer.from(PASSWORD, 'latin1').map(mirror);
  return createCipheriv('des-ede3-ecb', Buffer.concat([key, key, key]), null)
    .setAutoPadding(false)
    .update(challenge);
}

async function firstRfbPicture({ host, port }) {
  const socket = createConnection({ host, port, noDelay: true });
  const startedMs = performance.now();
  let have = Buffer.alloc(0);
  const chunks = socket[Symbol.asyncIterator]();
  const more = async () => {
    const { value, done } = await chunks.next();
    if (done) throw new Error('the server closed the connection');
    return value;
  };
  const read = async (length) => {
    while (have.length < length) have = Buffer.concat([have, await more()]);
    const bytes = have.subarray(0, length);
    have = have.subarray(length);
    return bytes;
  };
  const skip = async (length) => {
    for (; have.length < length; have = await more()) length -= have.length;
    have = have.subarray(length);
  };
  await read(12);
  socket.write('RFB 003.008\n');
  await read((await read(1))[0]);
  socket.write(Buffer.of(2));
  socket.write(vncResponse(await read(16)));
  if ((await read(4)).readUInt32BE() !== 0) throw new Error('the login was refused');
  socket.write(Buffer.of(1));
  const init = await read(24);
  const [width, height, pixelBytes] = [init.readUInt16BE(0), init.readUInt16BE(2), init[4] / 8];
  await read(init.readUInt32BE(20));
  const request = Buffer.of(3, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  request.writeUInt16BE(width, 6);
  request.writeUInt16BE(height, 8);
  // SetEncodings: Raw alone.
  socket.write(Buffer.concat([Buffer.of(2, 0, 0, 1, 0, 0, 0, 0), request]));
  for (let pixels = 0; pixels < width * height; ) {
    for (let rects = (await read(4)).readUInt16BE(2); rects > 0; rects--) {
      const head = await read(12);
      const area = head.readUInt16BE(4) * head.readUInt16BE(6);
      await skip(area * pixelBytes);
      pixels += area;
    }
    request[1] = 1;
    if (pixels < width * height) socket.write(request);
  }
  const ms = performance.now() - startedMs;
  socket.destroy();
  return ms;
}

function firstRdpPicture({ host, port }, { user, width, height }) {
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

async function measure(label, once) {
  const times = [];
  for (let i = 0; i < WARM_UP + ROUNDS; i++) {
    const ms = await once();
    if (i >= WARM_UP) times.push(ms);
  }
  times.sort((a, b) => a - b);
  const at = (part) => times[Math.min(times.length - 1, Math.floor(times.length * part))].toFixed(1).padStart(7);
  process.stdout.write(`${label.padEnd(26)} median ${at(0.5)} ms   p95 ${at(0.95)} ms   min ${at(0)} ms\n`);
}

async function startVitrine(folder) {
  const main = fileURLToPath(new URL('../../dist/server/cli/main.js', import.meta.url));
  const readyFile = join(folder, 'ready.json');
  const servers = ['--rdp=127.0.0.1:auto', '--vnc=127.0.0.1:auto', '--http=off'];
  const files = [`--ready-file=${readyFile}`, `--state-dir=${folder}`, '--log-level=error'];
  const env = { ...process.env, VITRINE_PASSWORD: PASSWORD };
  const child = spawn(process.execPath, [main, 'run', '--engine=pattern', ...servers, ...files], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env,
  });
  const endMs = Date.now() + DEADLINE_MS;
  while (!existsSync(readyFile)) {
    if (child.exitCode !== null || Date.now() > endMs) throw new Error('vitrine did not start');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { child, ready: JSON.parse(readFileSync(readyFile, 'utf8')) };
}

const address = (text) => ({ host: text.slice(0, text.lastIndexOf(':')), port: Number(text.split(':').at(-1)) });
const folder = mkdtempSync(join(tmpdir(), 'vitrine-bench-'));
const { child, ready } = await startVitrine(folder);
try {
  await measure('RFB, VncAuth, Raw', () => firstRfbPicture(address(ready.vnc)));
  await measure('RDP, TLS, node-rdpjs-2', () => firstRdpPicture(address(ready.rdp), ready));
} finally {
  child.kill('SIGINT');
  await new Promise((resolve) => child.once('exit', resolve));
  rmSync(folder, { recursive: true, force: true });
}
