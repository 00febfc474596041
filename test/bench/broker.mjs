// What a broker between a client and its machine's process costs: bytes a second, processor time of the process in the
// middle, and the round trip of a key. Machine and client are processes of their own; everything is on loopback, so that
// the client's and the machine's work shares the cores.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { loadIdentity } from '../../dist/server/auth/certificate.js';
import { connectMachine } from '../../dist/server/broker/machine-link.js';
import { Splice } from '../../dist/server/broker/splice.js';
import { TcpTransport } from '../../dist/server/transport/tcp.js';
import { systemClock } from '../../dist/src/base/clock.js';
import { tended } from './machines.mjs';

const TOTAL_BYTES = 256 << 20;
/** As large as an update of a whole screen tends to be; what is sent is read by nobody. */
const WRITE_BYTES = 256 << 10;
const ROUND_TRIPS = 500;
const PING_BYTES = 32;
const RUNS = 3;
const LOOPBACK = '127.0.0.1';

/** A machine's process: sends as fast as it is read when it is told 's', and answers pings with pings. */
async function machine() {
  const payload = Buffer.alloc(WRITE_BYTES, 0x5a);
  const serve = (socket) => {
    socket.on('error', () => {});
    socket.setNoDelay?.(true);
    socket.on('data', (bytes) => {
      if (bytes[0] !== 0x73) return void socket.write(bytes);
      let left = TOTAL_BYTES;
      const push = () => {
        while (left > 0) {
          left -= payload.length;
          if (!socket.write(payload)) return void socket.once('drain', push);
        }
      };
      push();
    });
  };
  const identity = await loadIdentity(process.env.FOLDER);
  const path = join(process.env.FOLDER, 'vm.sock');
  const servers = [createServer(serve), createServer(serve), createServer((raw) => serve(secured(raw, identity)))];
  servers[0].listen(path);
  servers[1].listen(0, LOOPBACK);
  servers[2].listen(0, LOOPBACK);
  await Promise.all(servers.map((server) => server.listening || once(server, 'listening')));
  process.send({ path, tcp: servers[1].address().port, tls: servers[2].address().port });
}

function secured(raw, identity) {
  return new TLSSocket(raw, { isServer: true, ...identity, minVersion: 'TLSv1.2' });
}

/** A client in a process of its own: does one job and tells what it saw. */
function client() {
  process.on('message', async ({ port, tls, job }) => {
    const options = { host: LOOPBACK, port, rejectUnauthorized: false };
    const socket = tls ? connectTls(options) : connect(options);
    await once(socket, tls ? 'secureConnect' : 'connect');
    socket.setNoDelay(true);
    const answer = job === 'read' ? await read(socket) : await ping(socket);
    socket.destroy();
    process.send(answer);
  });
}

async function read(socket) {
  const startMs = performance.now();
  let bytes = 0;
  socket.write('s');
  await new Promise((resolve) =>
    socket.on('data', (chunk) => {
      bytes += chunk.length;
      if (bytes >= TOTAL_BYTES) resolve();
    }),
  );
  return { ms: performance.now() - startMs };
}

async function ping(socket) {
  const trips = [];
  for (let i = 0; i < ROUND_TRIPS; i++) {
    const startMs = performance.now();
    let missing = PING_BYTES;
    socket.write(Buffer.alloc(PING_BYTES, 0x70));
    while (missing > 0) missing -= (await once(socket, 'data'))[0].length;
    trips.push(performance.now() - startMs);
  }
  trips.sort((a, b) => a - b);
  return { medianMs: trips[ROUND_TRIPS >> 1], p99Ms: trips[Math.floor(ROUND_TRIPS * 0.99)] };
}

/** The broker's part, in this process, as Visit does it: TLS, if any, ends here; the machine gets plain bytes. */
async function openBroker(path, identity) {
  const accept = async (socket, tls) => {
    const transport = new TcpTransport(socket);
    if (tls) await transport.upgradeTls(identity);
    transport.pause();
    const link = await connectMachine(path, 'vm', new AbortController().signal);
    new Splice(transport, link, systemClock, { ended: (by) => by === 'machine' && transport.end() });
  };
  const servers = [createServer((socket) => accept(socket, false)), createServer((socket) => accept(socket, true))];
  for (const server of servers) await once(server.listen(0, LOOPBACK), 'listening');
  const [tcp, tls] = servers.map((server) => server.address().port);
  return { tcp, tls, close: () => servers.map((server) => server.close()) };
}

export async function brokerOverhead() {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const identity = await loadIdentity(folder);
  const env = { ...process.env, FOLDER: folder };
  const start = (role) => tended(fork(fileURLToPath(import.meta.url), { env: { ...env, ROLE: role } })).child;
  const children = [start('machine'), start('client')];
  const [machineProcess, clientProcess] = children;
  const [addresses] = await once(machineProcess, 'message');
  const broker = await openBroker(addresses.path, identity);
  const ways = [
    ['direct, plain', addresses.tcp, false],
    ['spliced, plain', broker.tcp, false],
    ['direct, TLS', addresses.tls, true],
    ['spliced, TLS ends in the broker', broker.tls, true],
  ];
  const run = async (port, tls, job) => {
    clientProcess.send({ port, tls, job });
    return (await once(clientProcess, 'message'))[0];
  };
  const figures = {};
  for (const [name, port, tls] of ways) {
    await run(port, tls, 'ping');
    const pings = await run(port, tls, 'ping');
    const runs = [];
    for (let i = 0; i < RUNS; i++) {
      const before = process.cpuUsage();
      const { ms } = await run(port, tls, 'read');
      const { user, system } = process.cpuUsage(before);
      runs.push({ ms, cpuS: (user + system) / 1e6 });
    }
    runs.sort((a, b) => a.ms - b.ms);
    const { ms, cpuS } = runs[RUNS >> 1];
    figures[name] = {
      mbPerS: Math.round(TOTAL_BYTES / 1e3 / ms),
      brokerCpuSPerGb: Number(((cpuS * 1e9) / TOTAL_BYTES).toFixed(2)),
      roundTripMs: Number(pings.medianMs.toFixed(3)),
      roundTripP99Ms: Number(pings.p99Ms.toFixed(3)),
    };
  }
  broker.close();
  for (const child of children) child.kill();
  rmSync(folder, { recursive: true });
  return figures;
}

const ROLES = { machine, client };
await ROLES[process.env.ROLE]?.();
