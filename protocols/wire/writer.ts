/** Builds one message. Grows by doubling; `finish` returns a view of what was written. */
export class Writer {
  #bytes: Uint8Array;
  #view: DataView;
  #length = 0;

  constructor(capacity = 64) {
    this.#bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.#bytes.buffer);
  }

  get length(): number {
    return this.#length;
  }

  /** Claims `count` bytes and returns where they start. */
  #claim(count: number): number {
    const start = this.#length;
    const end = start + count;
    if (end > this.#bytes.length) {
      const bytes = new Uint8Array(Math.max(end, this.#bytes.length * 2));
      bytes.set(this.#bytes.subarray(0, start));
      this.#bytes = bytes;
      this.#view = new DataView(bytes.buffer);
    }
    this.#length = end;
    return start;
  }

  u8(value: number): this {
    const at = this.#claim(1);
    this.#view.setUint8(at, value);
    return this;
  }
  u16be(value: number): this {
    const at = this.#claim(2);
    this.#view.setUint16(at, value);
    return this;
  }
  u16le(value: number): this {
    const at = this.#claim(2);
    this.#view.setUint16(at, value, true);
    return this;
  }
  u32be(value: number): this {
    const at = this.#claim(4);
    this.#view.setUint32(at, value);
    return this;
  }
  u32le(value: number): this {
    const at = this.#claim(4);
    this.#view.setUint32(at, value, true);
    return this;
  }
  bytes(value: Uint8Array): this {
    const at = this.#claim(value.length);
    this.#bytes.set(value, at);
    return this;
  }
  zeros(count: number): this {
    const at = this.#claim(count);
    this.#bytes.fill(0, at, at + count);
    return this;
  }
  latin1(text: string): this {
    const at = this.#claim(text.length);
    for (let i = 0; i < text.length; i++) this.#bytes[at + i] = text.charCodeAt(i);
    return this;
  }
  /** UTF-16LE without a terminator; with `units`, cut and NUL-padded to that many code units. */
  utf16le(text: string, units = text.length): this {
    for (let i = 0; i < units; i++) this.u16le(i < text.length ? text.charCodeAt(i) : 0);
    return this;
  }

  /** Room for `count` bytes that an encoder fills itself; `trim` afterwards gives back what it did not use. */
  reserve(count: number): Uint8Array {
    const at = this.#claim(count);
    return this.#bytes.subarray(at, at + count);
  }
  /** Shortens the message to `length` bytes. */
  trim(length: number): void {
    this.#length = Math.min(this.#length, length);
  }

  patchU8(at: number, value: number): void {
    this.#view.setUint8(at, value);
  }
  patchU16be(at: number, value: number): void {
    this.#view.setUint16(at, value);
  }
  patchU16le(at: number, value: number): void {
    this.#view.setUint16(at, value, true);
  }
  patchU32be(at: number, value: number): void {
    this.#view.setUint32(at, value);
  }
  patchU32le(at: number, value: number): void {
    this.#view.setUint32(at, value, true);
  }

  /** What was written so far, as a view: valid until the next write. Ends the message where it is sent as it is. */
  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }
}
