const LINE_FEED = 0x0a;

/** Cuts a stream of bytes into lines of JSON, however it was chunked. Each byte is looked at once. */
export class JsonLines {
  readonly #cap: number;
  #pieces: Buffer[] = [];
  #length = 0;

  /** @param cap bytes in the longest line */
  constructor(cap: number) {
    this.#cap = cap;
  }

  /** The values of the lines that `bytes` completes. Throws Error for a line that is over the cap or no JSON. */
  *push(bytes: Buffer): Generator<unknown> {
    let start = 0;
    while (start < bytes.length) {
      const taken = this.#take(bytes.subarray(start));
      start += taken.used;
      if (taken.line !== undefined) yield parse(taken.line);
    }
  }

  /** As `push`, but stops behind the first line: what follows it may be no JSON. */
  first(bytes: Buffer): { readonly value: unknown; readonly rest: Buffer } | undefined {
    const { used, line } = this.#take(bytes);
    return line === undefined ? undefined : { value: parse(line), rest: bytes.subarray(used) };
  }

  #take(bytes: Buffer): { readonly used: number; readonly line?: string } {
    const found = bytes.indexOf(LINE_FEED);
    const end = found < 0 ? bytes.length : found;
    this.#length += end;
    if (this.#length > this.#cap) throw new Error(`a line is longer than ${this.#cap} bytes`);
    this.#pieces.push(bytes.subarray(0, end));
    if (found < 0) return { used: end };
    const line = Buffer.concat(this.#pieces, this.#length).toString('utf8');
    this.#pieces = [];
    this.#length = 0;
    return { used: end + 1, line };
  }
}

export function formatLine(value: object): string {
  return `${JSON.stringify(value)}\n`;
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new Error('a line is not JSON');
  }
}
