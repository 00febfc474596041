import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { probeAccel } from '../../../src/engine/qemu/accel-probe.js';
import type { Acceleration } from '../../../src/engine/qemu/acceleration.js';
import { BOOT_SECTOR, PASSED } from '../../../src/engine/qemu/probe-boot-sector.js';
import { fakeQemu } from './fake-qemu.js';
import { isInstalled } from './installed.js';

const KVM: Acceleration = { accel: 'kvm', cpu: 'host' };
const TCG: Acceleration = { accel: 'tcg', cpu: 'max' };

/** A QEMU that does one thing for each accelerator. */
async function qemu(kvm: string, tcg: string): Promise<string> {
  const folder = await fakeQemu(`case "$*" in *"-accel kvm "*) ${kvm};; *"-accel tcg "*) ${tcg};; esac`);
  onTestFinished(() => rm(folder, { recursive: true }));
  return join(folder, 'qemu-system-x86_64');
}

describe('verdict on an accelerator', { timeout: 30_000 }, () => {
  test('sound when its guest passes; the fallback is not even tried', async () => {
    expect(await probeAccel(await qemu(`exit ${PASSED}`, 'exit 3'), KVM, TCG)).toEqual({
      verdict: 'sound',
      isFinal: true,
    });
  });

  test("refused in QEMU's own words when it does not start", async () => {
    const path = await qemu(
      'echo "qemu-system-x86_64: Could not access KVM kernel module: No such device" >&2; exit 1',
      'exit 3',
    );
    expect(await probeAccel(path, KVM, TCG)).toEqual({
      verdict: 'kvm does not work: Could not access KVM kernel module: No such device',
      isFinal: true,
    });
  });

  test('refused when its guest fails', async () => {
    expect((await probeAccel(await qemu('exit 33', 'exit 3'), KVM, TCG)).verdict).toBe(
      'kvm does not work: the guest failed after the BIOS',
    );
  });

  test('refused when emulation overtakes it', async () => {
    expect(await probeAccel(await qemu('exec sleep 60', `exit ${PASSED}`), KVM, TCG)).toEqual({
      verdict: 'kvm is slower than emulation here (its test guest got to the BIOS)',
      isFinal: true,
    });
  });

  test('sound on a host so busy that it takes long, as long as emulation takes longer', async () => {
    expect(await probeAccel(await qemu(`sleep 3; exit ${PASSED}`, 'exec sleep 60'), KVM, TCG)).toEqual({
      verdict: 'sound',
      isFinal: true,
    });
  });

  test('open, and not to be remembered, when emulation fails as well', async () => {
    expect(await probeAccel(await qemu('exec sleep 60', 'exit 1'), KVM, TCG)).toEqual({
      verdict: 'kvm did not answer in time',
      isFinal: false,
    });
  });

  test('ends with the signal', async () => {
    const path = await qemu('exec sleep 60', 'exec sleep 60');
    await expect(probeAccel(path, KVM, TCG, AbortSignal.timeout(100))).rejects.toThrow();
  });
});

describe("the probe's guest", { timeout: 30_000 }, () => {
  test.runIf(isInstalled('qemu-system-x86_64'))('passes where the CPU is complete', async () => {
    expect(await probeAccel('qemu-system-x86_64', TCG, TCG)).toEqual({ verdict: 'sound', isFinal: true });
  });

  test.runIf(isInstalled('qemu-system-x86_64'))('fails, and tells where, when long mode is missing', async () => {
    const { verdict } = await probeAccel('qemu-system-x86_64', { accel: 'tcg', cpu: 'max,lm=off' }, TCG);
    expect(verdict).toBe('tcg does not work: the guest failed after protected mode');
  });

  test.runIf(isInstalled('as') && isInstalled('ld') && process.arch === 'x64')('is what its source says', () => {
    const folder = mkdtempSync(join(tmpdir(), 'vitrine-test-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const source = fileURLToPath(new URL('../../../src/engine/qemu/probe-boot-sector.S', import.meta.url));
    const [object, image] = [join(folder, 'probe.o'), join(folder, 'probe.bin')];
    execFileSync('as', ['--64', source, '-o', object]);
    execFileSync('ld', ['-m', 'elf_x86_64', '-Ttext', '0x7c00', '--oformat', 'binary', object, '-o', image]);
    expect(Buffer.from(BOOT_SECTOR).toString('hex')).toBe(readFileSync(image).toString('hex'));
  });
});
