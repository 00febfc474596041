import { createCipheriv } from 'node:crypto';

/**
 * VncAuth's answer: the 16 byte challenge, each half encrypted by single DES with the password's first eight
 * bytes, whose bits are mirrored. @spec RFC 6143 7.2.2
 * OpenSSL 3 has no single DES any more; triple DES with one key three times is the same.
 */
export function vncResponse(challenge: Uint8Array, password: string): Uint8Array {
  const key = new Uint8Array(8);
  const text = Buffer.from(password, 'latin1');
  for (let i = 0; i < Math.min(8, text.length); i++) key[i] = mirror(text[i]!);
  const cipher = createCipheriv('des-ede3-ecb', Buffer.concat([key, key, key]), null).setAutoPadding(false);
  return Buffer.concat([cipher.update(challenge), cipher.final()]);
}

function mirror(byte: number): number {
  let mirrored = 0;
  for (let bit = 0; bit < 8; bit++) if (byte & (1 << bit)) mirrored |= 0x80 >> bit;
  return mirrored;
}
