import { createCipheriv } from "node:crypto";

/**
 * The answer to a VncAuth challenge (RFC 6143, 7.2.2): DES with the password as key, of which eight characters count.
 * The bits of each byte of the key stand in reverse. OpenSSL has no single DES any more; triple DES with three equal keys is it.
 */
export function answerChallenge(password: string, challenge: Buffer): Buffer {
  const key = Buffer.alloc(8);
  Buffer.from(password, "latin1").copy(key, 0, 0, 8);
  const cipher = createCipheriv("des-ede3-ecb", tripled(key.map(reverseBits)), null);
  cipher.setAutoPadding(false);
  return Buffer.concat([cipher.update(challenge), cipher.final()]);
}

function tripled(key: Uint8Array): Buffer {
  return Buffer.concat([key, key, key]);
}

function reverseBits(byte: number): number {
  let reversed = 0;
  for (let bit = 0; bit < 8; bit += 1) reversed |= ((byte >> bit) & 1) << (7 - bit);
  return reversed;
}
