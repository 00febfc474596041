/** Bytes from hex digits; blanks are ignored, and every argument can have its own comment. */
export function hex(...parts: string[]): Uint8Array {
  const digits = parts.join('').replace(/\s/g, '');
  if (!/^([0-9a-f]{2})*$/i.test(digits)) throw new Error(`not hex: ${digits}`);
  return Uint8Array.from(Buffer.from(digits, 'hex'));
}

/** The other way round, as lower case pairs. */
export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('hex')
    .replace(/(..)(?=.)/g, '$1 ');
}
