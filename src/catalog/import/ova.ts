import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { extract, type Header } from 'tar-stream';
import { messageOf, Problem } from '../../base/errors.js';
import { oneLine } from '../finding.js';
import { MAX_XML_BYTES } from './xml.js';

export interface OvaProgress {
  readonly doneBytes: number;
  readonly totalBytes: number;
}

/** An entry's bytes, in buffers. */
type Content = AsyncIterable<unknown>;

/** A manifest has a line for each file. */
const MAX_MANIFEST_BYTES = 1 << 20;

/** The description in an OVA file: its first entry, as the standard has it. Rejects with Problem. */
export async function readOvaDescription(path: string): Promise<string> {
  let text: string | undefined;
  await eachEntry(path, async (header, content) => {
    if (header.type === 'directory') return true;
    if (!/\.ovf$/i.test(header.name))
      throw new Problem('bad-request', `${path} is no OVA file: it begins with ${oneLine(header.name, 120)}`);
    text = await readText(content, header, MAX_XML_BYTES);
    return false;
  });
  if (text === undefined) throw new Problem('bad-request', `${path} is no OVA file: there is nothing in it`);
  return text;
}

/**
 * Writes files of an archive. What they are called in the archive decides nothing but which one is meant: entries that
 * are not asked for are passed over, whatever their names.
 * @param targets name in the archive to path
 */
export async function extractOva(
  path: string,
  targets: ReadonlyMap<string, string>,
  onProgress: (progress: OvaProgress) => void = () => {},
): Promise<void> {
  const { size: totalBytes } = await stat(path);
  const digests = new Map<string, ReadonlyMap<string, string>>();
  let expected = new Map<string, { algorithm: string; digest: string }>();
  let doneBytes = 0;
  await eachEntry(path, async (header, content) => {
    const target = targets.get(header.name);
    if (/\.mf$/i.test(header.name)) expected = parseManifest(await readText(content, header, MAX_MANIFEST_BYTES));
    else if (target === undefined) return true;
    else {
      if (header.type !== 'file')
        throw new Problem('bad-request', `${header.name} in ${path} is a ${header.type}, not a file`);
      if (digests.has(header.name)) throw new Problem('bad-request', `${header.name} is in ${path} twice`);
      const hashes = ['sha1', 'sha256', 'sha512'].map((name) => [name, createHash(name)] as const);
      const wanted = expected.get(header.name)?.algorithm;
      const used = wanted === undefined ? hashes : hashes.filter(([name]) => name === wanted);
      const observe = async function* (source: Content): AsyncGenerator<Buffer> {
        for await (const chunk of source as AsyncIterable<Buffer>) {
          for (const [, hash] of used) hash.update(chunk);
          doneBytes += chunk.length;
          onProgress({ doneBytes, totalBytes });
          yield chunk;
        }
      };
      await pipeline(content, observe, createWriteStream(target, { flags: 'wx', mode: 0o600 }));
      digests.set(header.name, new Map(used.map(([name, hash]) => [name, hash.digest('hex')])));
    }
    return true;
  });
  for (const [name] of targets) {
    const found = digests.get(name);
    if (found === undefined) throw new Problem('bad-request', `${path} does not hold ${name}`);
    const said = expected.get(name);
    if (said !== undefined && found.get(said.algorithm) !== said.digest) {
      throw new Problem('failed', `${name} in ${path} is damaged: it is not what its manifest says`);
    }
  }
}

/** Calls `handle` with each entry until it says that it has seen enough. */
async function eachEntry(path: string, handle: (header: Header, content: Content) => Promise<boolean>): Promise<void> {
  const archive = extract();
  const file = createReadStream(path, { highWaterMark: 1 << 20 });
  const reading = pipeline(file, archive);
  // What it rejects with is what the loop below throws, or comes of its leaving.
  reading.catch(() => {});
  try {
    for await (const entry of archive) {
      // tar names everything so where it was told to pack a folder.
      const name = entry.header.name.replace(/^(\.\/)+/, '');
      const more = await handle({ ...entry.header, name }, entry);
      if (!more) return;
      entry.resume();
    }
    await reading;
  } catch (error) {
    if (error instanceof Problem) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC') throw new Problem('host-full', `no room for what is in ${path}`);
    throw new Problem('bad-request', `cannot read ${path}: ${oneLine(messageOf(error), 200)}`);
  } finally {
    file.destroy();
    archive.destroy();
  }
}

async function readText(content: Content, header: Header, maxBytes: number): Promise<string> {
  if (header.size > maxBytes) throw new Problem('bad-request', `${header.name} is larger than ${maxBytes >> 20} MiB`);
  const chunks: Buffer[] = [];
  for await (const chunk of content) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/** Lines of `SHA256(name)= digest`. */
function parseManifest(text: string): Map<string, { algorithm: string; digest: string }> {
  const lines = text.matchAll(/^(SHA1|SHA256|SHA512)\s*\((.+)\)\s*=\s*([0-9A-Fa-f]+)\s*$/gm);
  return new Map(
    [...lines].map(([, algorithm, name, digest]) => [
      name!,
      { algorithm: algorithm!.toLowerCase(), digest: digest!.toLowerCase() },
    ]),
  );
}
