import { randomBytes, type ScryptOptions, scrypt } from 'node:crypto';
import { sameBytes } from './secret.js';

/** 32 MiB and about 80 ms: dear for somebody who guesses, cheap for somebody who logs in. */
const COST = { log2N: 15, r: 8, p: 1 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** Hashes made at a time: node's thread pool has four threads, which files and zlib use too. */
const MOST_AT_ONCE = 2;

/** In the PHC format, which carries its parameters: `$scrypt$ln=15,r=8,p=1$SALT$HASH`. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password, salt, COST, HASH_BYTES);
  return `$scrypt$ln=${COST.log2N},r=${COST.r},p=${COST.p}$${salt.toString('base64url')}$${hash.toString('base64url')}`;
}

export async function verifyPassword(password: string, stored: string): Promise<boolean> {
  const { cost, salt, hash } = parse(stored)!;
  return sameBytes(await derive(password, salt, cost, hash.length), hash);
}

export function isPasswordHash(text: unknown): text is string {
  return typeof text === 'string' && parse(text) !== undefined;
}

/** Fits no password, and takes as long to find out: for users that do not exist. */
export const NOBODYS_HASH = `$scrypt$ln=${COST.log2N},r=${COST.r},p=${COST.p}$${'A'.repeat(22)}$${'A'.repeat(43)}`;

function parse(stored: string) {
  const parts =
    /^\$scrypt\$ln=(?<ln>\d{1,2}),r=(?<r>\d{1,2}),p=(?<p>\d{1,2})\$(?<salt>[\w-]{11,})\$(?<hash>[\w-]{22,})$/.exec(
      stored,
    )?.groups;
  if (parts === undefined) return undefined;
  const cost = { log2N: Number(parts.ln), r: Number(parts.r), p: Number(parts.p) };
  return { cost, salt: Buffer.from(parts.salt!, 'base64url'), hash: Buffer.from(parts.hash!, 'base64url') };
}

let running = 0;
const waiting: (() => void)[] = [];
let done = Promise.resolve();
let allDone = (): void => {};

/** Resolves when nobody waits for a hash: what is less urgent than a login may begin. */
export function hashesDone(): Promise<void> {
  return done;
}

async function derive(password: string, salt: Buffer, cost: typeof COST, bytes: number): Promise<Buffer> {
  if (running === 0) {
    done = new Promise((resolve) => {
      allDone = resolve;
    });
  }
  if (running >= MOST_AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
  else running++;
  try {
    const N = 2 ** cost.log2N;
    // Twice what it needs: OpenSSL counts a little more than the formula.
    const options: ScryptOptions = { N, r: cost.r, p: cost.p, maxmem: 256 * N * cost.r };
    return await new Promise<Buffer>((resolve, reject) => {
      // The same letters come composed from one keyboard and decomposed from another.
      scrypt(password.normalize('NFC'), salt, bytes, options, (error, key) => (error ? reject(error) : resolve(key)));
    });
  } finally {
    // The place goes to who waits next, so that `running` stays.
    const next = waiting.shift();
    if (next !== undefined) next();
    else if (--running === 0) allDone();
  }
}
