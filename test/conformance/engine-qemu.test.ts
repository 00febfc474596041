import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from 'vitest';
import { silentLog } from '../../src/base/log.js';
import { QemuEngine } from '../../src/engine/qemu/qemu.js';
import { guest } from '../engine/qemu/guest.js';
import { isInstalled } from '../engine/qemu/installed.js';
import { killQemu } from '../engine/qemu/processes.js';
import { engineSuite } from './engine-suite.js';

const KEY_A = 0x1e;

describe.runIf(isInstalled('qemu-system-x86_64'))('with QEMU', { timeout: 60_000 }, () => {
  engineSuite('qemu', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vitrine-test-'));
    return {
      engine: new QemuEngine(await guest(folder), { log: silentLog }),
      echoKey: KEY_A,
      followsSize: false,
      loss: { state: 'crashed', cause: () => killQemu(folder) },
      close: async () => rmSync(folder, { recursive: true, force: true }),
    };
  });
});
