// From the command to the ready file, which appears with the guest's first picture and all addresses open. The first round,
// which makes a certificate, is not counted.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { latency } from './figures.mjs';
import { startVitrine } from './machines.mjs';

const ROUNDS = 3;

async function repeated(options) {
  const folder = mkdtempSync(join(tmpdir(), 'vitrine-bench-'));
  try {
    const ms = [];
    for (let i = 0; i <= ROUNDS; i++) {
      const vitrine = await startVitrine(['--demo'], { http: '127.0.0.1:auto', stateDir: folder, ...options });
      if (i > 0) ms.push(vitrine.readyMs);
      await vitrine.stop();
    }
    return latency(ms);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export const start = async () => ({
  'npm start': await repeated({ npm: true }),
  'vitrine run --demo': await repeated({ npm: false }),
});
