import { exportJWK, generateKeyPair, type JWK } from 'jose';

/** A private signing key with an id, as a provider holds it. */
export async function signingKey(kid: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  return { ...(await exportJWK(privateKey)), kid, alg: 'RS256', use: 'sig' };
}
