import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { type Codec, decode, encode, type RegistryEntry } from '../../protocols/wire/codec.js';
import { DecodeError } from '../../protocols/wire/errors.js';
import { Random } from '../random.js';

const FUZZ_ROUNDS = 400;

/** Whatever the bytes: a value or a DecodeError, nothing else. */
export function decodesOrRejects(run: () => unknown): boolean {
  try {
    run();
    return true;
  } catch (error) {
    if (error instanceof DecodeError) return false;
    throw error;
  }
}

/** Flips, cuts, extends and overwrites bytes of a valid message. */
export function mutate(bytes: Uint8Array, random: Random): Uint8Array {
  const copy = Uint8Array.from([...bytes, ...random.bytes(random.below(8))]);
  for (let i = random.below(4) + 1; i > 0 && copy.length > 0; i--) {
    const at = random.below(copy.length);
    copy[at] = random.pick([0, 1, 0x7f, 0x80, 0xff, random.below(256)]);
  }
  return random.below(3) === 0 ? copy.subarray(0, random.below(copy.length + 1)) : copy;
}

/**
 * The tests that every message gets by being listed in its protocol's registry: round trip, truncation, fuzz;
 * and that every codec which a file under `folder` exports is listed.
 */
export function registrySuite(name: string, entries: readonly RegistryEntry[], folder: string): void {
  describe(name, () => {
    for (const { codec, samples } of entries) {
      test(`${codec.name}: decodes what it encodes`, () => {
        expect(samples.length).toBeGreaterThan(0);
        for (const sample of samples) {
          const bytes = encode(codec, sample);
          expect(bytes.length).toBeGreaterThanOrEqual(codec.fixedSize);
          expect(decode(codec, bytes)).toEqual(sample);
        }
      });

      test(`${codec.name}: rejects what is cut short`, () => {
        for (const sample of samples) {
          const bytes = encode(codec, sample);
          for (let length = 0; length < bytes.length; length++) {
            const whole = decodesOrRejects(() => decode(codec, bytes.slice(0, length)));
            if (length < codec.fixedSize) expect(whole, `${length} bytes`).toBe(false);
          }
        }
      });

      test(`${codec.name}: throws nothing but DecodeError`, () => {
        const random = new Random(codec.name.length * 7919);
        for (const sample of samples) {
          const bytes = encode(codec, sample);
          for (let i = 0; i < FUZZ_ROUNDS; i++) {
            const mutated = mutate(bytes, random);
            decodesOrRejects(() => decode(codec, mutated));
            decodesOrRejects(() => decode(codec, random.bytes(random.below(64))));
          }
        }
      });
    }

    test('lists every codec that is exported', async () => {
      const listed = new Set(entries.map((e) => e.codec));
      const missing: string[] = [];
      for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
        if (!file.endsWith('.ts')) continue;
        const module = (await import(pathToFileURL(join(folder, file)).href)) as Record<string, unknown>;
        for (const [key, value] of Object.entries(module)) {
          if (isCodec(value) && !listed.has(value)) missing.push(`${file}: ${key}`);
        }
      }
      expect(missing).toEqual([]);
    });
  });
}

function isCodec(value: unknown): value is Codec<unknown> {
  const v = value as Partial<Codec<unknown>> | null;
  return (
    typeof v === 'object' &&
    v !== null &&
    typeof v.encode === 'function' &&
    typeof v.decode === 'function' &&
    typeof v.fixedSize === 'number'
  );
}
