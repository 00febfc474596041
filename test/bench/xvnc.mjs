// TigerVNC's server as a peer. It has an X screen and no guest: vncviewer, which shows vitrine's demo there, brings the
// same pictures to it.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tended, until } from './machines.mjs';

const has = (program) => spawnSync(program, ['-version'], { stdio: 'ignore' }).error === undefined;

export const hasXvnc = () => has('Xvnc');
export const hasVncviewer = () => has('xtigervncviewer');

/** An empty X screen as large as the demo's. */
export async function startXvnc() {
  const folder = mkdtempSync(join(tmpdir(), 'vitrine-bench-'));
  const path = join(folder, 'vnc');
  // No port: the one that goes with its display may be in use.
  const access = ['-SecurityTypes', 'None', '-rfbport=-1', '-rfbunixpath', path, '-AlwaysShared'];
  const screen = ['-displayfd', '3', '-geometry', '1024x768', '-depth', '24'];
  const { child, ended } = tended(
    spawn('Xvnc', [...screen, ...access], { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] }),
  );
  let display = '';
  child.stdio[3].on('data', (text) => {
    display += text;
  });
  await until('Xvnc says its display', () => display.endsWith('\n') || child.exitCode !== null);
  if (child.exitCode !== null) throw new Error('Xvnc did not start');
  return {
    pid: child.pid,
    display: `:${Number(display)}`,
    rfb: { path },
    async stop() {
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** vncviewer on that screen, showing what `server` does. */
export function showOn(display, { host, port }) {
  const { child, ended } = tended(
    spawn('xtigervncviewer', ['-SecurityTypes=None', '-geometry=1024x768+0+0', `${host}::${port}`], {
      stdio: 'ignore',
      env: { ...process.env, DISPLAY: display },
    }),
  );
  return {
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
