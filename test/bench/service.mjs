// `vitrine serve` with machines, as its users have it: started by its command, driven over its API.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { address, built, launch, PASSWORD, until } from './machines.mjs';

const USER = 'bench';
/** For every viewer of a measurement. */
const TICKET_USES = 1000;

export async function startService() {
  const { ApiClient } = await import(built('server/api/client.js'));
  const { runtimeFolder } = await import(built('server/ipc/runtime-folder.js'));
  const folder = mkdtempSync(join(tmpdir(), 'vitrine-bench-'));
  const stateDir = join(folder, 'state');
  const readyFile = join(folder, 'ready.json');
  const main = fileURLToPath(built('server/cli/main.js'));
  const servers = ['rdp', 'vnc', 'http'].map((name) => `--${name}=127.0.0.1:auto`);
  const options = [`--state-dir=${stateDir}`, '--log-level=error'];
  const { child, ended } = launch(process.execPath, [
    main,
    'serve',
    ...servers,
    ...options,
    `--ready-file=${readyFile}`,
  ]);
  const ready = await until('the service is ready', () => {
    if (child.exitCode !== null) throw new Error('the service did not start');
    return existsSync(readyFile) && JSON.parse(readFileSync(readyFile, 'utf8') || 'null');
  });
  const api = new ApiClient({ socketPath: join(runtimeFolder(stateDir), 'api.sock') });
  await api.call('user.create', { name: USER, password: PASSWORD });
  const machine = (name) => api.call('machine.show', { machine: name });
  return {
    pid: ready.pid,
    api,
    machine,
    /** A machine that the viewers of a measurement may drive. */
    async define(name, config) {
      await api.call('machine.create', { name, config });
      await api.call('access.grant', { machine: name, subject: USER, role: 'use' });
    },
    /** The way to a machine for RfbViewer: a ticket is what VncAuth has instead of a name. */
    async rfb(name) {
      const { secret } = await api.call('ticket.create', { machine: name, user: USER, uses: TICKET_USES });
      return { ...address(ready.vnc), password: secret };
    },
    async rdp(name) {
      const { width, height } = await machine(name);
      return { ...address(ready.rdp), user: `${USER}#${name}`, width, height };
    },
    /** `vitrine VERB …` to its end; what it takes. */
    commandMs(...words) {
      const startMs = performance.now();
      const { status, stderr } = spawnSync(process.execPath, [main, ...words, `--state-dir=${stateDir}`]);
      if (status !== 0) throw new Error(`vitrine ${words.join(' ')}: ${stderr}`);
      return performance.now() - startMs;
    },
    async stop() {
      for (const { name, pid } of await api.call('machine.list', {})) {
        if (pid !== null) await api.call('machine.stop', { machine: name });
      }
      api.close();
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
