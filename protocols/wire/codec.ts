import { Reader } from './reader.js';
import { Writer } from './writer.js';

/**
 * One wire message: a value interface and a codec constant share the spec's name.
 * `decode(encode(v))` equals `v`; `decode` throws DecodeError and nothing else, whatever the bytes.
 */
export interface Codec<T> {
  /** The spec's name, as the coverage table shows it. */
  readonly name: string;
  /** Bytes that every encoding has at least. */
  readonly fixedSize: number;
  encode(w: Writer, value: T): void;
  decode(r: Reader): T;
}

/** A codec and values that exercise it; registry-driven tests (round trip, truncation, fuzz) walk a list of these. */
export interface RegistryEntry<T = unknown> {
  readonly codec: Codec<T>;
  readonly samples: readonly T[];
}

/** Pairs a codec with sample values, type-checked, for a protocol's registry. */
export function entry<T>(codec: Codec<T>, ...samples: T[]): RegistryEntry {
  return { codec, samples } as RegistryEntry;
}

export function encode<T>(codec: Codec<T>, value: T): Uint8Array {
  const w = new Writer(Math.max(16, codec.fixedSize));
  codec.encode(w, value);
  return w.finish();
}

export function decode<T>(codec: Codec<T>, bytes: Uint8Array): T {
  return codec.decode(new Reader(bytes));
}
