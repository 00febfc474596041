// A machine's process as far as the service can tell, without a guest: it does what `play.json` beside its socket
// says, and writes down in `seen` what happened to it. Arguments: the machine's folder and the socket.
import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { basename, dirname, join, resolve } from 'node:path';

const [folder, socket] = process.argv.slice(2);
const name = basename(folder);
const play = JSON.parse(readFileSync(join(dirname(socket), 'play.json'), 'utf8'))[name] ?? {};
const saw = (what) => appendFileSync(join(dirname(socket), 'seen'), `${name} ${what}\n`);
saw('started');

if (play.complaint !== undefined) {
  process.stdout.write(`vitrine: ${play.complaint}\n`);
  process.exit(1);
}

const opened = async () => {
  while (!existsSync(join(dirname(socket), `${name}.open`))) await new Promise((resolve) => setTimeout(resolve, 5));
};
if (play.opensLate === true) await opened();

const watchers = new Set();
const tell = (event) => {
  for (const watcher of watchers) watcher.write(`${JSON.stringify(event)}\n`);
};
let state = 'starting';
let sessions = [];
const become = (next, reason) => {
  state = next;
  tell({ event: 'state', state, ...(reason && { reason }) });
};
const end = async (next, reason) => {
  become(next, reason);
  for (const watcher of watchers) watcher.end();
  if (play.endsSlowly === true) await opened();
  server.close();
  rmSync(socket, { force: true });
  setImmediate(() => process.exit(next === 'crashed' ? 3 : 0));
};

/** As an engine does it: the file is gone before the guest moves. */
function goOn() {
  const ledger = existsSync(join(folder, 'state.json')) ? JSON.parse(readFileSync(join(folder, 'state.json'))) : {};
  const saved = [ledger.saving, ledger.saved]
    .map((file) => file && resolve(folder, file))
    .find((file) => file && existsSync(file));
  if (saved === undefined) return;
  saw(`went on from ${readFileSync(saved, 'utf8')}`);
  rmSync(saved);
}

const OPERATIONS = {
  status: () => ({
    ...{ name, pid: process.pid, engine: 'fake', accel: null, state, width: 640, height: 480 },
    ...{ startedAt: new Date().toISOString(), restarts: 0, power: [], sessions },
    meters: {
      updates: 0,
      sentBytes: 0,
      encodeMs: 0,
      framesPublished: 0,
      inputToDamageMs: 0,
      inputs: 0,
      rssBytes: 1,
      cpuMs: 0,
    },
    hardware: play.hardware,
  }),
  power({ action }) {
    saw(action);
    if (action === 'pause') become('paused');
    if (action === 'resume') become('running');
    if (action === 'shutdown') setImmediate(() => end('stopped', 'the guest powered off'));
    if (action === 'off' && play.ignoresOff !== true) setImmediate(() => end('off'));
    return {};
  },
  async saveState({ stateFile }) {
    if (play.savesNothing) return { problem: { code: 'failed', message: 'the disk is full' } };
    if (play.savesSlowly) {
      saw('saving');
      await opened();
    }
    writeFileSync(stateFile, `state of ${process.pid}`);
    setImmediate(() => end('off'));
    return {};
  },
  snapshot({ stateFile }) {
    if (play.savesNothing) return { problem: { code: 'failed', message: 'the disk is full' } };
    writeFileSync(stateFile, `snapshot of ${process.pid}`);
    return {};
  },
  balloon: () => ({}),
  // For tests alone.
  sessions({ of }) {
    sessions = of;
    tell({ event: 'sessions', sessions });
    return {};
  },
  become(params) {
    become(params.state, params.reason);
    return {};
  },
  end(params) {
    end(params.state, params.reason);
    return {};
  },
};

const server = createServer({ allowHalfOpen: true }, (peer) => {
  let text = '';
  let greeted = false;
  peer.on('error', () => {});
  peer.on('close', () => watchers.delete(peer));
  const answer = async (line) => {
    const result = await OPERATIONS[line.op](line);
    peer.write(`${JSON.stringify(result.problem ? { id: line.id, ...result } : { id: line.id, result })}\n`);
  };
  peer.on('data', (bytes) => {
    text += bytes;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n')) {
      const line = JSON.parse(text.slice(0, at));
      text = text.slice(at + 1);
      if (!greeted) {
        greeted = true;
        watchers.add(peer);
      } else if (play.answersNothing !== true) void answer(line);
    }
  });
  peer.on('end', () => peer.destroy());
});

if (play.opensNothing === true) setInterval(() => {}, 1_000_000);
else {
  const probe = connect(socket);
  const isServed = await new Promise((done) => {
    probe.once('connect', () => done(true));
    probe.once('error', () => done(false));
  });
  probe.destroy();
  if (isServed) {
    process.stdout.write('vitrine: another process serves this machine\n');
    process.exit(1);
  }
  // Left by one that was killed.
  rmSync(socket, { force: true });
  server.listen(socket, () => {
    if (play.startsForEver === true) return;
    goOn();
    become('running');
  });
}
