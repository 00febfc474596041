// Builds the demo guest. `--check` builds it elsewhere and compares it, byte by byte, with the one in the repository.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const LIMIT_BYTES = 200 * 1024;
const demo = join(dirname(fileURLToPath(import.meta.url)), '../src/engine/emulator/demo');
const source = join(demo, 'source');
const image = join(demo, 'demo.elf');
/** Which tools made the image: others make other bytes of the same source. */
const record = join(demo, 'demo.toolchain.txt');

const COMPILE = [
  ...['-m32', '-march=i686', '-mgeneral-regs-only', '-std=gnu11', '-O2', '-ffreestanding', '-fno-pic', '-fno-pie'],
  ...['-fno-stack-protector', '-fno-asynchronous-unwind-tables', '-fcf-protection=none', '-fno-strict-aliasing'],
  ...['-Wall', '-Wextra', '-Werror', '-Wno-main'],
];
const LINK = ['-m', 'elf_i386', '-n', '--build-id=none', '--strip-all', '--no-warn-rwx-segments', '-T', 'demo.ld'];

function firstLine(tool, ...args) {
  return execFileSync(tool, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).split('\n')[0];
}

/** The versions of the tools, or null where they cannot make 32-bit code. */
function toolchain() {
  try {
    execFileSync('gcc', [...COMPILE, '-x', 'c', '-c', '-o', '/dev/null', '-'], { input: 'int x;', stdio: 'pipe' });
    return `${firstLine('gcc', '--version')}\n${firstLine('ld', '--version')}\n`;
  } catch {
    return null;
  }
}

function build(target) {
  const objects = mkdtempSync(join(tmpdir(), 'vitrine-demo-'));
  try {
    // Sorted: the order of the objects is the order in the image.
    const units = readdirSync(source).filter((name) => /\.[cS]$/.test(name));
    units.sort((a, b) => (a < b ? -1 : 1));
    const files = units.map((name) => join(objects, `${name}.o`));
    for (const [i, name] of units.entries()) {
      // From within the folder, with relative names: no path of this machine in the image.
      execFileSync('gcc', [...COMPILE, '-c', name, '-o', files[i]], { cwd: source, stdio: 'inherit' });
    }
    execFileSync('ld', [...LINK, '-o', target, ...files], { cwd: source, stdio: 'inherit' });
  } finally {
    rmSync(objects, { recursive: true });
  }
  const bytes = statSync(target).size;
  if (bytes > LIMIT_BYTES) throw new Error(`the demo guest has ${bytes} bytes, the limit is ${LIMIT_BYTES}`);
  return bytes;
}

function check(tools) {
  if (tools !== readFileSync(record, 'utf8')) {
    console.log('demo guest: not checked, other versions of gcc or ld than those that built it');
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'vitrine-demo-'));
  try {
    const again = join(folder, 'demo.elf');
    build(again);
    if (!readFileSync(again).equals(readFileSync(image))) {
      console.error('demo guest: demo.elf is not what its source builds; run node deploy/build-demo.mjs');
      process.exitCode = 1;
      return;
    }
    console.log('demo guest: demo.elf is what its source builds');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const tools = toolchain();
const checking = process.argv.includes('--check');
if (!tools) {
  console.log(`demo guest: not ${checking ? 'checked' : 'built'}, it needs gcc with -m32 and GNU ld`);
  if (!checking) process.exitCode = 1;
} else if (checking) {
  check(tools);
} else {
  const bytes = build(image);
  writeFileSync(record, tools);
  console.log(`demo guest: ${bytes} bytes`);
}
