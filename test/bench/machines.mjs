// What is measured: vitrine as its users start it, and QEMU alone as the peer.
import { fork, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { familyOf } from './processes.mjs';

const START_MS = 30_000;
const LOOK_MS = 5;
const ROOT = new URL('../../', import.meta.url);
export const PASSWORD = 'bench-me';
export const built = (path) => new URL(`dist/${path}`, ROOT).href;
export const ARTIFACTS = fileURLToPath(new URL('test/.artifacts/', ROOT));
export const DEMO = fileURLToPath(new URL('src/engine/emulator/demo/demo.elf', ROOT));

const running = new Set();
// Whatever ends the measurement, nothing that it started stays: a service's machines are meant to outlive it.
process.on('exit', () => {
  const pids = [...running].flatMap(({ pid }) => (process.platform === 'linux' ? familyOf(pid) : [pid]));
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Gone by itself.
    }
  }
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
export const address = (text) => ({ host: text.slice(0, text.lastIndexOf(':')), port: Number(text.split(':').at(-1)) });

export async function until(fact, probe) {
  const endMs = performance.now() + START_MS;
  for (;;) {
    const found = probe();
    if (found) return found;
    if (performance.now() > endMs) throw new Error(`not within ${START_MS} ms: ${fact}`);
    await pause(LOOK_MS);
  }
}

/** Nothing outlives the measurement; `ended` resolves when the child has. */
export function tended(child) {
  running.add(child);
  child.on('error', () => {});
  const ended = new Promise((resolve) => child.once('exit', resolve));
  ended.then(() => running.delete(child));
  return { child, ended };
}

export function launch(program, args, env = {}) {
  return tended(
    spawn(program, args, {
      cwd: fileURLToPath(ROOT),
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, ...env },
    }),
  );
}

/** The command of `vitrine run` itself, or of `npm start`, which is what people type. */
function command(npm) {
  if (!npm) return [process.execPath, fileURLToPath(built('server/cli/main.js')), 'run'];
  const own = process.env.npm_execpath;
  return own?.endsWith('.js') ? [process.execPath, own, 'start', '--'] : ['npm', 'start', '--'];
}

/** `vitrine run OPTIONS`, ready. */
export async function startVitrine(options, { http = 'off', npm = false, stateDir } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'vitrine-bench-'));
  const readyFile = join(folder, 'ready.json');
  const servers = ['--rdp=127.0.0.1:auto', '--vnc=127.0.0.1:auto', `--http=${http}`];
  const files = [`--ready-file=${readyFile}`, `--state-dir=${stateDir ?? folder}`, '--log-level=error'];
  const [program, ...args] = command(npm);
  const startMs = performance.now();
  const { child, ended } = launch(program, [...args, ...options, ...servers, ...files], { VITRINE_PASSWORD: PASSWORD });
  const ready = await until('vitrine is ready', () => {
    if (child.exitCode !== null) throw new Error('vitrine did not start');
    return existsSync(readyFile) && JSON.parse(readFileSync(readyFile, 'utf8') || 'null');
  });
  return {
    readyMs: performance.now() - startMs,
    pid: ready.pid,
    rfb: { ...address(ready.vnc), password: PASSWORD },
    rdp: { ...address(ready.rdp), user: ready.user, width: ready.width, height: ready.height },
    async stop() {
      process.kill(ready.pid, 'SIGINT');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A script of this folder as a process of its own, once it has said something. */
export async function startScript(name, args = []) {
  const { child, ended } = tended(fork(new URL(name, import.meta.url), args));
  const heard = () => Promise.race([new Promise((resolve) => child.once('message', resolve)), ended]);
  const said = await heard();
  if (child.exitCode !== null) throw new Error(`${name} did not run`);
  return {
    pid: child.pid,
    said,
    /** What it says to that. */
    ask(message) {
      const answer = heard();
      child.send(message);
      return answer;
    },
    async stop() {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}

/** What a script of this folder says at its end. */
export async function resultOf(name) {
  const script = await startScript(name);
  await script.stop();
  return script.said;
}

export const hasQemu = () => spawnSync('qemu-system-x86_64', ['--version'], { stdio: 'ignore' }).status === 0;

/** The demo guest in QEMU behind QEMU's own VNC server. */
export async function startQemu() {
  const folder = mkdtempSync(join(tmpdir(), 'vitrine-bench-'));
  const path = join(folder, 'vnc');
  const machine = ['-accel', 'tcg', '-machine', 'pc,vmport=on', '-m', '64', '-nodefaults', '-vga', 'std'];
  const { child, ended } = launch('qemu-system-x86_64', [...machine, '-kernel', DEMO, '-vnc', `unix:${path}`]);
  await until('QEMU listens', () => {
    if (child.exitCode !== null) throw new Error('QEMU did not start');
    return existsSync(path);
  });
  return {
    pid: child.pid,
    rfb: { path },
    async stop() {
      // On a gentler signal it says so, among the figures.
      child.kill('SIGKILL');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
