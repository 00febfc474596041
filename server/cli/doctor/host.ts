import { X509Certificate } from 'node:crypto';
import { accessSync, constants, readFileSync, statfsSync } from 'node:fs';
import { createServer } from 'node:net';
import { availableParallelism, userInfo } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../../../src/base/errors.js';
import { availableMiB, ksmState } from '../../service/host-memory.js';
import { openStateDir } from '../../state-dir.js';
import { listen } from '../../transport/listen.js';
import { bytes } from '../verbs/table.js';
import { bad, type Finding, note, ok } from './finding.js';

/** A viewer and its machine take a few descriptors, QEMU some dozens: this is thirty busy machines. */
const FEW_FILES = 4096;
const LOW_BYTES = 1 << 30;
/** No host is older than this program: a clock that says so was never set. */
const BEFORE_US = Date.parse('2026-01-01');
const DAY_MS = 86_400_000;
const DEFAULT_PORTS = { rdp: 3389, vnc: 5900, http: 8080 } as const;

export function node(): Finding {
  return ok('node', `${process.version}, ${availableParallelism()} processors, ${availableMiB()} MiB free`);
}

/** Opens it, or says why that cannot be. */
export function stateFolder(path: string): Finding {
  try {
    openStateDir(path);
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const isOthers = (error as NodeJS.ErrnoException).code === 'EACCES';
    const text = isOthers
      ? `${path} cannot be written by ${userInfo().username}: chown it, or choose another with --state-dir`
      : messageOf(error);
    return bad('state folder', text);
  }
  const { bavail, bsize } = statfsSync(path);
  const free = bavail * bsize;
  const text = `${bytes(free)} free in ${path}`;
  return free < LOW_BYTES
    ? bad('state folder', `only ${text}: guests stop when their disks cannot grow`)
    : ok('state folder', text);
}

/** Certificates, tickets and logins all go by the clock. */
export function clock(stateDir: string, nowMs = Date.now()): Finding {
  const now = new Date(nowMs).toISOString().slice(0, 16);
  if (nowMs < BEFORE_US) return bad('clock', `it says ${now}: set it, or certificates and tickets are not good`);
  const certificate = certificateIn(stateDir);
  if (certificate === undefined) return ok('clock', `${now} UTC`);
  const days = Math.floor((Date.parse(certificate.validTo) - nowMs) / DAY_MS);
  if (Date.parse(certificate.validFrom) > nowMs) {
    return bad(
      'clock',
      `it says ${now}, which is before the certificate was made: set it, or remove ${join(stateDir, 'tls.pem')}`,
    );
  }
  return ok('clock', `${now} UTC; the certificate is good for ${days} days and renewed in time`);
}

function certificateIn(stateDir: string): X509Certificate | undefined {
  try {
    return new X509Certificate(readFileSync(join(stateDir, 'tls.pem')));
  } catch {
    return undefined;
  }
}

export function openFiles(most = mostOpenFiles()): Finding {
  if (most === undefined) return ok('open files', 'as many as it takes');
  const text = `${most} at a time`;
  return most < FEW_FILES
    ? note('open files', `${text}, which is few for many machines: raise the hard limit (ulimit -Hn, or LimitNOFILE=)`)
    : ok('open files', text);
}

/** Node raises what it may to the hard limit by itself. */
function mostOpenFiles(): number | undefined {
  try {
    const found = /^Max open files\s+\S+\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return found === undefined ? undefined : Number(found);
  } catch {
    return undefined;
  }
}

export function memoryMerging(): Finding {
  const ksm = ksmState();
  if (ksm === null) return ok('memory merging', 'this host has none');
  const on = `on, ${ksm.sharedMiB} MiB shared`;
  const off = 'off: echo 1 > /sys/kernel/mm/ksm/run lets equal guests share memory';
  return ok('memory merging', ksm.running ? on : off);
}

/** Whether a service could listen where it does unless told otherwise. */
export async function ports(wanted: Readonly<Record<string, number>> = DEFAULT_PORTS): Promise<Finding[]> {
  const taken: Finding[] = [];
  for (const [option, port] of Object.entries(wanted)) {
    const server = createServer();
    try {
      await listen(server, { host: '127.0.0.1', port }, option);
    } catch (error) {
      taken.push(note('ports', messageOf(error)));
    } finally {
      server.close();
    }
  }
  return taken.length > 0 ? taken : [ok('ports', `${Object.values(wanted).join(', ')} are free`)];
}
