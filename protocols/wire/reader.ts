import { DecodeError } from './errors.js';

/**
 * Reads one message. Every read names its field, so that an error says what was missing.
 * Slices are views of the input, not copies: whoever keeps one past the message copies it.
 */
export class Reader {
  readonly bytes: Uint8Array;
  position = 0;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get remaining(): number {
    return this.bytes.length - this.position;
  }

  /** Claims `count` bytes and returns where they start. */
  #advance(count: number, field: string): number {
    const start = this.position;
    if (count < 0 || count > this.bytes.length - start) {
      throw new DecodeError('truncated', field, `needs ${count} bytes, ${this.bytes.length - start} are left`, start);
    }
    this.position = start + count;
    return start;
  }

  u8(field: string): number {
    return this.#view.getUint8(this.#advance(1, field));
  }
  i8(field: string): number {
    return this.#view.getInt8(this.#advance(1, field));
  }
  u16be(field: string): number {
    return this.#view.getUint16(this.#advance(2, field));
  }
  u16le(field: string): number {
    return this.#view.getUint16(this.#advance(2, field), true);
  }
  i16be(field: string): number {
    return this.#view.getInt16(this.#advance(2, field));
  }
  i16le(field: string): number {
    return this.#view.getInt16(this.#advance(2, field), true);
  }
  u32be(field: string): number {
    return this.#view.getUint32(this.#advance(4, field));
  }
  u32le(field: string): number {
    return this.#view.getUint32(this.#advance(4, field), true);
  }
  i32be(field: string): number {
    return this.#view.getInt32(this.#advance(4, field));
  }
  i32le(field: string): number {
    return this.#view.getInt32(this.#advance(4, field), true);
  }

  take(count: number, field: string): Uint8Array {
    const start = this.#advance(count, field);
    return this.bytes.subarray(start, start + count);
  }
  rest(): Uint8Array {
    return this.take(this.remaining, 'rest');
  }
  skip(count: number, field: string): void {
    this.#advance(count, field);
  }
  /** A reader over the next `count` bytes: a nested structure cannot read past its own length. */
  sub(count: number, field: string): Reader {
    return new Reader(this.take(count, field));
  }
  peekU8(field: string): number {
    const value = this.u8(field);
    this.position--;
    return value;
  }

  /** One byte a character, as Latin-1. */
  latin1(count: number, field: string): string {
    let text = '';
    for (const byte of this.take(count, field)) text += String.fromCharCode(byte);
    return text;
  }
  /** `count` bytes of UTF-16LE; ends early at a NUL. An odd last byte is ignored. */
  utf16le(count: number, field: string): string {
    const raw = this.take(count, field);
    let text = '';
    for (let i = 0; i + 1 < raw.length; i += 2) {
      const unit = raw[i]! | (raw[i + 1]! << 8);
      if (unit === 0) break;
      text += String.fromCharCode(unit);
    }
    return text;
  }

  fail(kind: DecodeError['kind'], field: string, message: string): never {
    throw new DecodeError(kind, field, message, this.position);
  }
}
