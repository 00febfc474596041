import { createReadStream } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { messageOf, Problem } from '../base/errors.js';

/**
 * The first bytes of the file: a line of JSON, filled up with spaces. What follows is one gzip stream, whose checksum
 * tells at the end whether all of it is as it was written.
 */
const HEADER_BYTES = 16 << 10;
const MAGIC = 'vitrine saved state';
const FORMAT = 1;
/**
 * Measured on one of two busy cores: the demo's 10.5 MiB become 0.7 in 50 ms, the 419 MiB of Debian's installer at its
 * first window 112 in 3.7 s, and are read again in 1.2 s.
 */
const LEVEL = 1;
const CHUNK_BYTES = 256 << 10;

/** What an engine has to know to go on: versions, sizes, hardware. */
export type StateFacts = Readonly<Record<string, string | number | readonly string[]>>;

interface Header {
  readonly magic: typeof MAGIC;
  readonly format: number;
  readonly engine: string;
  readonly facts: StateFacts;
  /** Of the gzip stream. */
  readonly bytes: number;
}

export interface StateFile {
  readonly path: string;
  readonly facts: StateFacts;
  /** What the engine wrote. Fails with an error of zlib's where the file is damaged. */
  read(): Readable;
}

/**
 * Writes what `source` yields to `path`, which appears whole and on the disk, or not at all: not before `source` has
 * ended and `whole` has resolved. A file that was there stays until then. Rejects with Problem ('failed') for a disk that
 * does not take it, and as `source` and `whole` do.
 */
export async function writeStateFile(
  path: string,
  engine: string,
  facts: StateFacts,
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  whole: Promise<unknown> = Promise.resolve(),
): Promise<void> {
  const draft = `${path}.part`;
  whole.catch(() => {});
  let file: FileHandle | undefined;
  try {
    // It holds the guest's memory: passwords, open documents.
    file = await open(draft, 'w', 0o600).catch(failed(path));
    let bytes = 0;
    const write = async (chunk: Uint8Array): Promise<void> => {
      await file!.writeFile(chunk).catch(failed(path));
    };
    await write(new Uint8Array(HEADER_BYTES));
    await pipeline(source, createGzip({ level: LEVEL, chunkSize: CHUNK_BYTES }), async (chunks) => {
      for await (const chunk of chunks as AsyncIterable<Uint8Array>) {
        await write(chunk);
        bytes += chunk.length;
      }
    });
    await whole;
    const head = formatHeader({ magic: MAGIC, format: FORMAT, engine, facts, bytes });
    if (head === undefined) throw cannot(path, new Error('the machine has more devices than it can name'));
    await file.write(head, 0, head.length, 0).catch(failed(path));
    await file.sync().catch(failed(path));
    await file.close();
    file = undefined;
    await rename(draft, path).catch(failed(path));
    await syncFolder(dirname(path));
  } catch (error) {
    await file?.close().catch(() => {});
    await rm(draft, { force: true }).catch(() => {});
    throw error;
  }
}

/** Opens what `writeStateFile` wrote for the same kind of engine. Rejects with Problem ('failed'), one line. */
export async function openStateFile(path: string, engine: string): Promise<StateFile> {
  const refuse = (why: string): Problem => new Problem('failed', `the saved state ${path} ${why}`);
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    throw refuse(`cannot be read: ${error.code === 'ENOENT' ? 'no such file' : (error.code ?? error.message)}`);
  });
  try {
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0).catch((error) => {
      throw refuse(`cannot be read: ${messageOf(error)}`);
    });
    const header = bytesRead === HEADER_BYTES ? parseHeader(buffer.toString()) : undefined;
    if (header === undefined) throw refuse('is none: it does not begin as one does');
    if (header.format !== FORMAT) throw refuse('was written by another version of vitrine');
    if (size !== HEADER_BYTES + header.bytes) throw refuse('is incomplete');
    if (header.engine !== engine) throw refuse(`is of the engine '${header.engine}', this machine runs on '${engine}'`);
    return { path, facts: header.facts, read: () => contents(path) };
  } finally {
    await file.close();
  }
}

/**
 * Lets a guest go on from the state at `path`, which is taken away before its first instruction: from then on its disks
 * are other ones, and nobody must go on from there again, whoever is killed when. Where `run` rejects and `stands` says
 * that the guest has not moved, the state is back.
 */
export async function useUp(
  path: string,
  run: () => Promise<void>,
  stands: (error: unknown) => boolean = () => false,
): Promise<void> {
  const used = `${path}.used`;
  await rename(path, used).catch((error) => {
    throw new Problem('failed', `cannot use up the saved state ${path}: ${messageOf(error)}`);
  });
  await syncFolder(dirname(path));
  try {
    await run();
  } catch (error) {
    if (stands(error)) await rename(used, path).catch(() => {});
    throw error;
  }
  await rm(used, { force: true }).catch(() => {});
}

/**
 * Compares what a state was saved with to what the machine is now. Throws Problem ('failed') that names the first
 * difference.
 */
export function checkFacts(state: StateFile, present: StateFacts): void {
  for (const [name, now] of Object.entries(present)) {
    const then = state.facts[name];
    if (String(then) === String(now)) continue;
    const difference = Array.isArray(now) ? differenceOf(then, now) : `${name} ${then}, now it is ${String(now)}`;
    throw new Problem(
      'failed',
      `the saved state ${state.path} does not fit this machine: it was saved with ${difference}`,
    );
  }
}

function differenceOf(then: unknown, now: readonly string[]): string {
  const before = Array.isArray(then) ? then.map(String) : [];
  const gone = before.find((item) => !now.includes(item));
  if (gone !== undefined) return `'${gone}', which is gone or changed`;
  const added = now.find((item) => !before.includes(item));
  return added === undefined ? 'its devices in another order' : `no '${added}'`;
}

function contents(path: string): Readable {
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  const file = createReadStream(path, { start: HEADER_BYTES, highWaterMark: CHUNK_BYTES });
  file.on('error', (error) => gunzip.destroy(error));
  gunzip.on('close', () => file.destroy());
  return file.pipe(gunzip);
}

/** Undefined where it has no room. Room is counted in bytes: names of devices may have any letters. */
function formatHeader(header: Header): Uint8Array | undefined {
  const json = Buffer.from(JSON.stringify(header));
  if (json.length >= HEADER_BYTES) return undefined;
  const head = Buffer.alloc(HEADER_BYTES, ' ');
  head.set(json);
  head.write('\n', HEADER_BYTES - 1);
  return head;
}

function parseHeader(text: string): Header | undefined {
  if (!text.startsWith(`{"magic":"${MAGIC}"`)) return undefined;
  try {
    const header = JSON.parse(text) as Partial<Header>;
    const { format, engine, facts, bytes } = header;
    const isSound =
      typeof format === 'number' &&
      typeof engine === 'string' &&
      typeof bytes === 'number' &&
      typeof facts === 'object';
    return isSound && facts !== null ? (header as Header) : undefined;
  } catch {
    return undefined;
  }
}

const failed =
  (path: string) =>
  (error: unknown): never => {
    throw cannot(path, error);
  };

function cannot(path: string, error: unknown): Problem {
  const { code } = error as NodeJS.ErrnoException;
  const why = code === 'ENOSPC' ? 'the disk is full' : code === 'ENOENT' ? 'no such folder' : messageOf(error);
  return new Problem('failed', `cannot write the state to ${path}: ${why}`);
}

/** The new name, too, has to survive a power cut. Not every file system can do this, and none needs to. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => undefined);
  await folder?.sync().catch(() => {});
  await folder?.close();
}
