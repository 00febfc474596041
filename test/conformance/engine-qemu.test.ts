import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from 'vitest';
import { silentLog } from '../../src/base/log.js';
import { QemuEngine } from '../../src/engine/qemu/qemu.js';
import { guest, overlaysOf } from '../engine/qemu/guest.js';
import { isInstalled } from '../engine/qemu/installed.js';
import { killQemu } from '../engine/qemu/processes.js';
import { engineSuite } from './engine-suite.js';

const KEY_A = 0x1e;

describe.runIf(isInstalled('qemu-system-x86_64'))('with QEMU', { timeout: 60_000 }, () => {
  engineSuite('qemu', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vitrine-test-'));
    const machine = await guest(folder);
    return {
      engine: new QemuEngine(machine, { log: silentLog }),
      echoKey: KEY_A,
      followsSize: false,
      isUp: ({ framebuffer: { words } }) =>
        (words[0]! & 0xffffff) !== 0 && words.every((word) => ((word ^ words[0]!) & 0xffffff) === 0),
      saving: {
        folder,
        overlays: () => overlaysOf(machine),
        another: (resumeFrom) => new QemuEngine(machine, { log: silentLog, resumeFrom }),
      },
      loss: { state: 'crashed', cause: () => killQemu(folder) },
      close: async () => rmSync(folder, { recursive: true, force: true }),
    };
  });
});
