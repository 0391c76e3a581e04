import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { signingKeyId } from './signing-key-id.ts';

describe('id of a signing key', () => {
  it('is that of the public key of RFC 8032, test 1', () => {
    const x = Buffer.from('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', 'hex');
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: x.toString('base64url') };
    // sha256sum of the 32 bytes
    expect(signingKeyId(createPublicKey({ key: jwk, format: 'jwk' }))).toBe('21fe31dfa154a261');
  });

  it('is the same of both halves, and of another kind there is none', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    expect(signingKeyId(privateKey)).toBe(signingKeyId(publicKey));
    expect(() => signingKeyId(generateKeyPairSync('x25519').publicKey)).toThrow('only an Ed25519 key');
  });
});
