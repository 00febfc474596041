import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmulatorEngine } from '../../src/engine/emulator/emulator.js';
import {
  addToScreen,
  ENABLE_KEYBOARD,
  fill,
  ifKey,
  keyLoop,
  multibootElf,
  TRIPLE_FAULT,
  useBuiltWorker,
  VIDEO,
  vbeMode,
} from '../engine/emulator/guests.js';
import { engineSuite } from './engine-suite.js';

const KEY_A = 0x1e;
const KEY_F2 = 0x3c;
const KEY_ESCAPE = 0x01;

/** Blue; every key makes it lighter, F2 sets another mode before that, Escape is the end. */
const GUEST = multibootElf(
  ENABLE_KEYBOARD,
  // Painted before it is shown: the first picture is not black.
  fill(VIDEO, 400 * 300, 0x000080),
  vbeMode(320, 200, 32, true),
  keyLoop([...ifKey(KEY_ESCAPE, TRIPLE_FAULT), ...ifKey(KEY_F2, vbeMode(400, 300, 32)), ...addToScreen(320 * 200, 1)]),
);

useBuiltWorker();
engineSuite('emulator', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vitrine-test-'));
  const kernel = join(folder, 'guest.elf');
  writeFileSync(kernel, GUEST);
  const engine = new EmulatorEngine({ kernel, memoryMiB: 16 });
  return {
    engine,
    echoKey: KEY_A,
    changeMode: () => engine.key(KEY_F2, true),
    saving: {
      folder,
      overlays: () => [],
      another: (resumeFrom) => new EmulatorEngine({ kernel, memoryMiB: 16, resumeFrom }),
    },
    loss: { state: 'crashed', cause: () => engine.key(KEY_ESCAPE, true) },
    close: async () => rmSync(folder, { recursive: true }),
  };
});
