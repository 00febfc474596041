const BLOCK_BYTES = 64;
const LENGTH_BYTES = 8;

/** What a step makes of three of the four words, what it adds, its four rotations, and the order of the block's words. */
const ROUNDS = [
  {
    mix: (x: number, y: number, z: number) => (x & y) | (~x & z),
    add: 0,
    turns: [3, 7, 11, 19],
    order: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  },
  {
    mix: (x: number, y: number, z: number) => (x & y) | (x & z) | (y & z),
    add: 0x5a827999,
    turns: [3, 5, 9, 13],
    order: [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15],
  },
  {
    mix: (x: number, y: number, z: number) => x ^ y ^ z,
    add: 0x6ed9eba1,
    turns: [3, 9, 11, 15],
    order: [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15],
  },
] as const;

/** MD4, which OpenSSL has no more: nothing but NTLM asks for it. @spec RFC 1320 3 */
export function md4(message: Uint8Array): Uint8Array {
  const blocks = Math.ceil((message.length + 1 + LENGTH_BYTES) / BLOCK_BYTES);
  const padded = Buffer.alloc(blocks * BLOCK_BYTES);
  padded.set(message);
  padded[message.length] = 0x80;
  padded.writeBigUInt64LE(BigInt(message.length) * 8n, padded.length - LENGTH_BYTES);
  let sum: [number, number, number, number] = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
  for (let block = 0; block < padded.length; block += BLOCK_BYTES) {
    let [a, b, c, d] = sum;
    for (const { mix, add, turns, order } of ROUNDS) {
      for (const [step, word] of order.entries()) {
        const mixed = (a + mix(b, c, d) + padded.readInt32LE(block + word * 4) + add) | 0;
        const turn = turns[step % 4]!;
        [a, b, c, d] = [d, (mixed << turn) | (mixed >>> (32 - turn)), b, c];
      }
    }
    sum = [(sum[0] + a) | 0, (sum[1] + b) | 0, (sum[2] + c) | 0, (sum[3] + d) | 0];
  }
  const digest = Buffer.alloc(16);
  for (const [i, word] of sum.entries()) digest.writeInt32LE(word, i * 4);
  return digest;
}

/** What NTLM knows of a password: as good as the password itself. @spec MS-NLMP 3.3.1 NTOWFv1 */
export function ntHashOf(password: string): Uint8Array {
  return md4(Buffer.from(password.normalize('NFC'), 'utf16le'));
}
