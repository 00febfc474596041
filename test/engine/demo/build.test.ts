import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { DEMO_IMAGE } from '../../../src/engine/emulator/demo/image.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const [BUILD, DEMO] = ['deploy/build-demo.mjs', 'src/engine/emulator/demo'];
const TIMEOUT_MS = 120_000;

function check(root: string): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, BUILD), '--check'], { encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

describe('the image of the demo guest', { timeout: TIMEOUT_MS }, () => {
  const copy = mkdtempSync(join(tmpdir(), 'vitrine-demo-'));
  afterAll(() => rmSync(copy, { recursive: true }));

  it('is a small ELF for 386', () => {
    expect(statSync(DEMO_IMAGE).size).toBeLessThan(200 * 1024);
    const header = readFileSync(DEMO_IMAGE).subarray(0, 20).toString('hex');
    expect(header).toMatch(/^7f454c46010101(00){9}02000300$/); // magic, 32 bits, little endian; executable, 386
  });

  it('is what its source builds', ({ skip }) => {
    const { status, output } = check(ROOT);
    if (status === 0 && output.includes('not checked')) skip(output.trim());
    expect(output).toContain('is what its source builds');
    expect(status).toBe(0);
  });

  it('is told from another', ({ skip }) => {
    cpSync(join(ROOT, BUILD), join(copy, BUILD));
    cpSync(join(ROOT, DEMO), join(copy, DEMO), { recursive: true });
    const image = join(copy, DEMO, 'demo.elf');
    const bytes = readFileSync(image);
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(image, bytes);
    const { status, output } = check(copy);
    if (status === 0 && output.includes('not checked')) skip(output.trim());
    expect(output).toContain('is not what its source builds');
    expect(status).toBe(1);
  });
});
