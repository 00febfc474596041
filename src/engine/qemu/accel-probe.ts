import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Acceleration } from './acceleration.js';
import { complaint } from './complaint.js';
import { GuardedProcess } from './guarded-process.js';
import { makePrivateFolder, removePrivateFolder } from './private-folder.js';
import { BOOT_SECTOR, PASSED, STEPS } from './probe-boot-sector.js';
import { quote } from './quote.js';

export interface ProbeResult {
  /** 'sound', or one line that says what is wrong. */
  readonly verdict: string;
  /** Whether asking again would give the same answer, so that it can be remembered. */
  readonly isFinal: boolean;
}

/** A sound accelerator needs about 0.3 s, nearly all of it QEMU and the BIOS. */
const PROMPT_MS = 2_000;
/** A host that manages neither guest in this time says nothing about either. */
const PATIENCE_MS = 20_000;
/** SeaBIOS reads no disk shorter than a cylinder. */
const DISK_BYTES = 1 << 20;

/**
 * Boots a small guest (probe-boot-sector.S) to see whether `candidate` runs a kernel's code, and at what speed. That an
 * accelerator opens says little: nested ones may accept everything, run a BIOS and GRUB, and then interpret the guest's
 * kernel an instruction at a time, hundreds of times slower than TCG, so that Linux never seems to start.
 *
 * The time limit alone would be unfair to a busy host. So after it the same guest starts under `fallback`, and the
 * two race: `candidate`, well ahead by then, is refused only if it is beaten on the same host under the same load.
 */
export async function probeAccel(
  qemuPath: string,
  candidate: Acceleration,
  fallback: Acceleration,
  signal?: AbortSignal,
): Promise<ProbeResult> {
  const folder = await makePrivateFolder();
  const running: Guest[] = [];
  const clock = new AbortController();
  try {
    const disk = join(folder, 'probe.img');
    await writeFile(disk, Buffer.concat([BOOT_SECTOR], DISK_BYTES));
    const boot = async (acceleration: Acceleration): Promise<Guest> => {
      const steps = join(folder, acceleration.accel);
      const qemu = await GuardedProcess.start(qemuPath, probeArguments(acceleration, disk, steps));
      const guest = { qemu, steps };
      running.push(guest);
      return guest;
    };
    const wait = (ms: number): Promise<'timeout'> =>
      delay(ms, 'timeout' as const, { signal: signal ? AbortSignal.any([signal, clock.signal]) : clock.signal });

    const first = await boot(candidate);
    if ((await Promise.race([first.qemu.exited, wait(PROMPT_MS)])) !== 'timeout') return judge(first, candidate);
    const second = await boot(fallback);
    const winner = await Promise.race([
      first.qemu.exited.then(() => first),
      second.qemu.exited.then(() => second),
      wait(PATIENCE_MS),
    ]);
    if (winner === first) return judge(first, candidate);
    if (winner === second && (await second.qemu.exited).status === PASSED) {
      const verdict = `${candidate.accel} is slower than emulation here (its test guest got to ${await reached(first)})`;
      return { verdict, isFinal: true };
    }
    return { verdict: `${candidate.accel} did not answer in time`, isFinal: false };
  } finally {
    clock.abort();
    for (const { qemu } of running) qemu.kill();
    await Promise.all(running.map(({ qemu }) => qemu.exited));
    await removePrivateFolder(folder);
  }
}

interface Guest {
  readonly qemu: GuardedProcess;
  /** File with a letter for each step it took. */
  readonly steps: string;
}

async function judge(guest: Guest, { accel }: Acceleration): Promise<ProbeResult> {
  const { status } = await guest.qemu.exited;
  if (status === PASSED) return { verdict: 'sound', isFinal: true };
  const why = complaint(guest.qemu.stderr) ?? `the guest failed after ${await reached(guest)}`;
  return { verdict: `${accel} does not work: ${why}`, isFinal: true };
}

async function reached({ steps }: Guest): Promise<string> {
  const letters = await readFile(steps, 'latin1').catch(() => '');
  return STEPS[letters.at(-1) ?? ''] ?? 'the BIOS';
}

function probeArguments({ accel, cpu }: Acceleration, disk: string, steps: string): string[] {
  return [
    ...['-no-user-config', '-nodefaults', '-no-reboot', '-machine', 'q35', '-accel', accel, '-cpu', cpu, '-m', '32'],
    ...['-display', 'none', '-vga', 'none'],
    // virtio, because an IDE disk cannot be read-only.
    ...['-drive', `if=virtio,format=raw,readonly=on,file=${quote(disk)}`],
    ...['-chardev', `file,id=steps,path=${quote(steps)}`, '-device', 'isa-debugcon,iobase=0xe9,chardev=steps'],
    ...['-device', 'isa-debug-exit,iobase=0xf4,iosize=1'],
  ];
}
