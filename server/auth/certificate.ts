import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { Worker } from 'node:worker_threads';
import { messageOf, UserError } from '../../src/base/errors.js';
import type { TlsIdentity } from '../transport/transport.js';

const RENEW_DAYS = 30;
const DAY_MS = 86_400_000;

/**
 * The certificate that clients see: kept in the state folder, so that a client that trusted it once knows it again;
 * made when missing and renewed shortly before it ends.
 */
export async function loadIdentity(stateDir: string, nowMs = Date.now()): Promise<TlsIdentity> {
  const file = join(stateDir, 'tls.pem');
  if (existsSync(file)) {
    const pem = readFileSync(file, 'utf8');
    if (isUsable(pem, nowMs)) return { cert: pem, key: pem };
  }
  const pem = await makeApart(nowMs);
  // Certificate and key in one file and in one rename: a crash cannot leave a pair that does not match.
  writeFileSync(`${file}.${process.pid}`, pem, { mode: 0o600 });
  renameSync(`${file}.${process.pid}`, file);
  return { cert: pem, key: pem };
}

/**
 * In a thread of its own: what is loaded for it takes 12 MB, which V8 would hold on to. Where this module runs from
 * TypeScript (tests), there is no such thread.
 */
async function makeApart(nowMs: number): Promise<string> {
  const thread = new URL('./make-certificate-thread.js', import.meta.url);
  if (!existsSync(thread)) return (await import('./make-certificate.js')).makeIdentity(nowMs);
  const worker = new Worker(thread, { workerData: nowMs, execArgv: [] });
  // Rejects with what the thread throws.
  const [pem] = (await once(worker, 'message')) as [string];
  await worker.terminate();
  return pem;
}

/** The user's own certificate. Throws UserError for what cannot be read or does not match. */
export function readIdentity(certFile: string, keyFile: string): TlsIdentity {
  const read = (file: string, option: string): string => {
    try {
      return readFileSync(file, 'utf8');
    } catch (error) {
      throw new UserError(`--${option}: cannot read ${file}: ${messageOf(error)}`);
    }
  };
  const identity = { cert: read(certFile, 'tls-cert'), key: read(keyFile, 'tls-key') };
  try {
    createSecureContext(identity);
  } catch (error) {
    throw new UserError(`--tls-cert and --tls-key do not form a certificate with its key: ${messageOf(error)}`);
  }
  return identity;
}

function isUsable(pem: string, nowMs: number): boolean {
  try {
    createSecureContext({ cert: pem, key: pem });
    return Date.parse(new X509Certificate(pem).validTo) - nowMs > RENEW_DAYS * DAY_MS;
  } catch {
    return false;
  }
}
