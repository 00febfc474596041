// A process of its own for misbehaving.mjs: a healthy machine with an RFB server, and beside it one guest after the other
// that misbehaves. Told 'begin' and how, it boots that guest and lets it; told 'end', it says how that went.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { boot, bootDemo } from './engines.mjs';
import { built } from './machines.mjs';

const { EmulatorEngine } = await import(built('src/engine/emulator/emulator.js'));
const { Machine } = await import(built('src/machine/machine.js'));
const { Anyone } = await import(built('server/auth/single-user.js'));
const { Throttle } = await import(built('server/auth/throttle.js'));
const { SessionList } = await import(built('server/session/session-list.js'));
const { createStreamServer } = await import(built('server/transport/accept.js'));
const { serveRfb } = await import(built('server/rfb/session.js'));
const { systemClock } = await import(built('src/base/clock.js'));
const [kernel, spinner] = process.argv.slice(2);

const quiet = () => {};
const log = { debug: quiet, info: quiet, warn: quiet, error: quiet, child: () => log };
const machine = new Machine('healthy', new EmulatorEngine({ kernel, memoryMiB: 64 }));
await machine.start(new AbortController().signal);
await machine.firstFrame(new AbortController().signal);
const host = {
  machine,
  credentials: new Anyone(),
  throttle: new Throttle(),
  sessions: new SessionList('shared'),
  tls: { cert: '', key: '' },
  clock: systemClock,
  log,
};
const server = createStreamServer(host, serveRfb);
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));

const delay = monitorEventLoopDelay({ resolution: 1 });
let other;

/** A guest that is itself the misbehaviour, or the demo, which does as it is told. */
async function begin(how) {
  other = how === 'spin' ? await boot(spinner) : await bootDemo();
  delay.reset();
  delay.enable();
  if (how !== 'spin' && how !== 'nothing') other.engine.serialWrite(`CRASH ${how}\n`);
  process.send('begun');
}

async function end() {
  delay.disable();
  const answer = { loopBlockedMs: delay.max / 1e6, told: other.told.at(-1) };
  await other.engine.stop();
  process.send(answer);
}

process.on('message', ({ order, how }) => void (order === 'begin' ? begin(how) : end()));
process.on('disconnect', () => process.exit());
