import { constants } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { release } from 'node:os';
import { UserError } from '../../base/errors.js';
import type { Logger } from '../../base/log.js';
import type { Accel } from '../../machine/definition.js';
import { probeAccel } from './accel-probe.js';
import type { Acceleration } from './acceleration.js';
import type { QemuBinary } from './binary.js';
import type { Memo } from './memo.js';

/**
 * Everything the host's CPU has. For TCG everything that it can emulate, without which current distributions stop
 * ("x86-64-v2"), but without five level paging, which costs a memory access at each table walk.
 */
const HOST_CPU = 'host';
const TCG: Acceleration = { accel: 'tcg', cpu: 'max,la57=off' };

const BY_PLATFORM: Partial<Record<NodeJS.Platform, 'kvm' | 'hvf' | 'whpx'>> = {
  linux: 'kvm',
  darwin: 'hvf',
  win32: 'whpx',
};

export interface AccelOptions {
  readonly memo: Memo;
  readonly log: Logger;
  readonly signal?: AbortSignal;
}

/** Settles how the guest's CPU is run. Throws UserError where an accelerator was named that is not there. */
export async function chooseAccel(wanted: Accel, qemu: QemuBinary, options: AccelOptions): Promise<Acceleration> {
  if (wanted === 'tcg') return withCpu(TCG, qemu);
  if (wanted !== 'auto') {
    const obstacle = await obstacleTo(wanted, qemu);
    if (obstacle !== undefined) throw new UserError(`--accel ${wanted}: ${obstacle}; --accel tcg works everywhere`);
    return { accel: wanted, cpu: HOST_CPU };
  }
  const candidate = BY_PLATFORM[process.platform];
  const verdict =
    candidate === undefined ? 'nothing known for this platform' : await verdictOn(candidate, qemu, options);
  if (candidate !== undefined && verdict === 'sound') return { accel: candidate, cpu: HOST_CPU };
  options.log.warn({ accel: 'tcg' }, `no hardware acceleration, the guest is emulated: ${verdict}`);
  return withCpu(TCG, qemu);
}

/** 'sound', or why not. Asked once per boot of the host, kernel and QEMU. */
async function verdictOn(accel: 'kvm' | 'hvf' | 'whpx', qemu: QemuBinary, options: AccelOptions): Promise<string> {
  const obstacle = await obstacleTo(accel, qemu);
  if (obstacle !== undefined) return obstacle;
  if (!qemu.longMode) return `${qemu.path} has no 64 bit guests to prove ${accel} with`;
  const key = `${accel} ${release()} ${await bootId()} ${qemu.fingerprint}`;
  const known = await options.memo.get(key);
  if (typeof known === 'string') return known;
  const { verdict, isFinal } = await probeAccel(qemu.path, { accel, cpu: HOST_CPU }, TCG, options.signal);
  if (isFinal) await options.memo.set(key, verdict);
  return verdict;
}

/** What plainly rules an accelerator out. */
async function obstacleTo(accel: Accel, qemu: QemuBinary): Promise<string | undefined> {
  if (!qemu.accels.includes(accel)) return `${qemu.path} was built without ${accel}`;
  if (process.arch !== 'x64' && process.arch !== 'ia32') return `this host's cpu (${process.arch}) is not an x86`;
  if (accel !== 'kvm') return undefined;
  try {
    await access('/dev/kvm', constants.R_OK | constants.W_OK);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT'
      ? 'this host has no /dev/kvm'
      : '/dev/kvm is not open to this user; join the group kvm';
  }
}

function withCpu(acceleration: Acceleration, qemu: QemuBinary): Acceleration {
  return qemu.longMode ? acceleration : { ...acceleration, cpu: 'max' };
}

/** Changes with every boot of a Linux host; elsewhere the kernel's release has to do. */
async function bootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')).trim();
}
