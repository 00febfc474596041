// Puts what tsc does not compile beside its output: the web page, the demo guest. Makes the program one.
import { chmodSync, cpSync, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
for (const asset of ['server/web/page', 'src/engine/emulator/demo/demo.elf']) {
  const from = join(root, asset);
  if (existsSync(from)) cpSync(from, join(root, 'dist', asset), { recursive: true });
}
chmodSync(join(root, 'dist/server/cli/main.js'), 0o755);
