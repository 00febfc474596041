import { chmod, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder with a shell script in QEMU's place; `script` sees the arguments as "$*". */
export async function fakeQemu(script: string, name = 'qemu-system-x86_64'): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'vitrine-test-'));
  await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`);
  await chmod(join(folder, name), 0o755);
  return folder;
}
