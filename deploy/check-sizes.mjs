// No file over 500 lines, generated tables and data excepted: a god file is stopped before it is one.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const LIMIT = 500;
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
let failed = false;
for (const folder of ['protocols', 'src', 'server', 'test', 'deploy']) {
  for (const file of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })) {
    if (!/\.(ts|mjs|js)$/.test(file) || /(tables|vectors|generated)\//.test(file)) continue;
    const lines = readFileSync(join(root, folder, file), 'utf8').split('\n').length;
    if (lines <= LIMIT) continue;
    console.error(`${folder}/${file}: ${lines} lines, the limit is ${LIMIT}`);
    failed = true;
  }
}
process.exit(failed ? 1 : 0);
