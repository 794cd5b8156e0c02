import { createCipheriv, createDecipheriv, createSecretKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

export const keyBytes = 32;
export const nonceBytes = 24;
export const tagBytes = 16;

const blockBytes = 16;

/**
 * The authenticated cipher of https://c2sp.org/XAES-256-GCM: AES-256-GCM under a key of its own for each nonce, so
 * that nonces can be random for 2^80 messages where plain GCM allows 2^32.
 */
export class Xaes256Gcm {
  readonly #key: KeyObject;
  /** The subkey K1 of CMAC (NIST SP 800-38B), which the derivation of SP 800-108 needs. */
  readonly #k1: Uint8Array;

  /** @param key 32 bytes, copied. */
  constructor(key: Uint8Array) {
    this.#key = createSecretKey(key);
    this.#k1 = doubled(this.#encryptBlocks(new Uint8Array(blockBytes)));
  }

  /** @returns the ciphertext and its tag. */
  seal(nonce: Uint8Array, plaintext: Uint8Array, additionalData: Uint8Array): Uint8Array {
    const cipher = createCipheriv('aes-256-gcm', this.#derivedKey(nonce), nonce.subarray(12));
    cipher.setAAD(additionalData);
    return plainBytes(Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]));
  }

  /** `undefined` if key, nonce, additional data or any byte differ from what was sealed. */
  open(nonce: Uint8Array, sealed: Uint8Array, additionalData: Uint8Array): Uint8Array | undefined {
    const split = sealed.byteLength - tagBytes;
    if (split < 0) return undefined;
    const options = { authTagLength: tagBytes };
    const decipher = createDecipheriv('aes-256-gcm', this.#derivedKey(nonce), nonce.subarray(12), options);
    decipher.setAAD(additionalData);
    decipher.setAuthTag(sealed.subarray(split));
    const plaintext = decipher.update(sealed.subarray(0, split));
    try {
      decipher.final();
    } catch {
      // With a tag of the right length, final() throws for a wrong one and for nothing else, without class or code.
      return undefined;
    }
    return plainBytes(plaintext);
  }

  #derivedKey(nonce: Uint8Array): Uint8Array {
    if (nonce.byteLength !== nonceBytes) throw new RangeError(`A nonce has ${nonceBytes} bytes.`);
    const block = (counter: number): Uint8Array =>
      xor(Buffer.concat([Uint8Array.of(0, counter, 0x58, 0), nonce.subarray(0, 12)]), this.#k1);
    return this.#encryptBlocks(Buffer.concat([block(1), block(2)]));
  }

  #encryptBlocks(blocks: Uint8Array): Uint8Array {
    // ECB of one or two blocks is the bare AES permutation that the derivation is defined with.
    const cipher = createCipheriv('aes-256-ecb', this.#key, null).setAutoPadding(false);
    return Buffer.concat([cipher.update(blocks), cipher.final()]);
  }
}

/** Not a Buffer: `slice` of those is no copy, and their memory may be shared with others. */
export function plainBytes(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer);
}

function xor(block: Uint8Array, other: Uint8Array): Uint8Array {
  return block.map((byte, at) => byte ^ (other[at] ?? 0));
}

/** Multiplication by x in GF(2^128), as CMAC derives K1. */
function doubled(block: Uint8Array): Uint8Array {
  const shifted = block.map((byte, at) => ((byte << 1) & 0xff) | ((block[at + 1] ?? 0) >> 7));
  const overflow = (block[0] ?? 0) >> 7;
  return shifted.map((byte, at) => (at === blockBytes - 1 ? byte ^ (overflow * 0x87) : byte));
}
