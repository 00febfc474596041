import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { GRUB_ISO } from './harness/guest.js';
import { endEverything, scratch } from './harness/processes.js';
import { requires } from './harness/requires.js';
import { ServiceUnderTest } from './harness/service.js';
import { MAIN } from './harness/vitrine.js';

const PAGE = readFileSync(new URL('../../docs/scripting.md', import.meta.url), 'utf8');

describe('docs/scripting.md', requires('qemu', "GRUB's rescue ISO"), () => {
  afterAll(endEverything);

  test('its script does what it says', async () => {
    const service = await ServiceUnderTest.start();
    const folder = scratch();
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'vitrine'), `#!/bin/sh\nexec "${process.execPath}" "${MAIN}" "$@"\n`, { mode: 0o755 });
    // Where commands look for the service of whoever types them.
    symlinkSync(service.stateDir, join(folder, 'vitrine'));
    const script = /^```sh\n(#!\/bin\/sh\n.*?)^```/ms.exec(PAGE)![1]!;
    const { stdout } = await promisify(execFile)('sh', ['-c', script, 'trial', GRUB_ISO, 'echo hello'], {
      cwd: folder,
      env: { ...process.env, PATH: `${bin}:${process.env.PATH}`, XDG_STATE_HOME: folder },
    });
    expect(stdout).toContain('is back at its last snapshot');
    const [start, answer] = ['start', 'answer'].map((name) => readFileSync(join(folder, `${name}.png`)));
    expect(start!.equals(answer!)).toBe(false);
    expect(await service.api.call('machine.list', {})).toMatchObject([{ name: 'demo' }]);
  });
});
