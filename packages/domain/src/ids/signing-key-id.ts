import { hash, type KeyObject } from 'node:crypto';

const ID_DIGITS = 16;

/**
 * The id under which a signature names its key: the first 16 hexadecimal digits of the SHA-256 of the raw public key.
 * It follows from the key alone, so that two keys never share one by mistake.
 * @param key an Ed25519 key, private or public. @throws TypeError for any other.
 */
export function signingKeyId(key: KeyObject): string {
  if (key.asymmetricKeyType !== 'ed25519') throw new TypeError('only an Ed25519 key has a key id');
  const raw = Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url');
  return hash('sha256', raw, 'hex').slice(0, ID_DIGITS);
}
