import {
  type CryptoKey,
  createLocalJWKSet,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  type JWK,
  SignJWT,
  UnsecuredJWT,
} from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { IdTokens } from './id-token.ts';

const ISSUER = 'https://id.fleet.test';
const NOW = Date.parse('2027-03-01T12:00:00Z') / 1_000;

let privateKey: CryptoKey;
let publicKey: CryptoKey;
let stranger: CryptoKey;
let jwk: JWK;
let asked = 0;
let now = NOW;

beforeAll(async () => {
  ({ privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true }));
  ({ privateKey: stranger } = await generateKeyPair('RS256'));
  jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' };
});

function idTokens(more: Partial<ConstructorParameters<typeof IdTokens>[0]> = {}) {
  const local = createLocalJWKSet({ keys: [jwk] });
  asked = 0;
  now = NOW;
  return new IdTokens({
    issuer: ISSUER,
    audiences: ['fleet', 'fleet-cli'],
    emailVerified: 'claim',
    wall: () => now * 1_000,
    keys: (header, token) => {
      asked += 1;
      return local(header, token);
    },
    ...more,
  });
}

const CLAIMS = {
  iss: ISSUER,
  aud: 'fleet',
  sub: '1',
  email: 'Anna@Fleet.Test',
  email_verified: true,
  iat: NOW - 10,
  exp: NOW + 300,
};

function signed(claims: object = {}, header: object = {}, key: CryptoKey = privateKey): Promise<string> {
  const payload = Object.fromEntries(
    Object.entries({ ...CLAIMS, ...claims }).filter(([, value]) => value !== undefined),
  );
  return new SignJWT(payload).setProtectedHeader({ alg: 'RS256', kid: 'k1', ...header }).sign(key);
}

describe('a good token', () => {
  test('says who it is, in lower case', async () => {
    expect(await idTokens().find(await signed())).toEqual({
      kind: 'verified',
      identity: 'anna@fleet.test',
      issuedAt: NOW - 10,
      notBefore: undefined,
      expiresAt: NOW + 300,
    });
  });

  test.each<[string, object, object]>([
    ['for the second client', { aud: ['other', 'fleet-cli'], azp: 'fleet-cli' }, {}],
    ['with a type', {}, { typ: 'JWT' }],
  ])('%s', async (_name, claims, header) => {
    expect(await idTokens().find(await signed(claims, header))).toMatchObject({ kind: 'verified' });
  });
});

describe('refused', () => {
  test.each<[string, object, object, RegExp]>([
    ['another issuer', { iss: 'https://evil.test' }, {}, /claim iss/],
    ['another audience', { aud: 'other' }, {}, /claim aud/],
    ['made for another client', { aud: ['fleet', 'other'], azp: 'other' }, {}, /another client/],
    ['without an end', { exp: undefined }, {}, /claim exp/],
    ['without a beginning', { iat: undefined }, {}, /claim iat/],
    ['without an e-mail', { email: undefined }, {}, /no claim email/],
    ['an e-mail that is no text', { email: ['anna@fleet.test'] }, {}, /no claim email/],
    ['an e-mail not verified', { email_verified: false }, {}, /not verified/],
    ['an e-mail not verified, as text', { email_verified: 'false' }, {}, /not verified/],
    ['an e-mail verified in words', { email_verified: 'true' }, {}, /not verified/],
    ['an e-mail of which nothing is said', { email_verified: undefined }, {}, /does not say/],
    ["the Kelvin sign in the place of Karl's k", { email: '\u212Aarl@fleet.test' }, {}, /printable ASCII/],
    ['a dotted capital i', { email: 'an\u0130a@fleet.test' }, {}, /printable ASCII/],
    ['a blank in the e-mail', { email: 'anna@fleet.test ' }, {}, /printable ASCII/],
    ['an access token', {}, { typ: 'at+jwt' }, /type at\+jwt/],
    ['an unknown key', {}, { kid: 'k2' }, /none of the provider's keys/],
  ])('%s', async (_name, claims, header, words) => {
    const found = await idTokens().find(await signed(claims, header));
    expect(found).toMatchObject({
      kind: 'refused',
      code: 'ID_TOKEN_INVALID',
      detail: expect.stringMatching(words),
    });
  });

  test('where the provider vouches, an absent claim passes and a no does not', async () => {
    const tokens = idTokens({ emailVerified: 'provider' });
    const absent = await tokens.find(await signed({ email_verified: undefined }));
    expect(absent).toMatchObject({ kind: 'verified', identity: 'anna@fleet.test' });
    for (const email_verified of [false, 'false', null, 0])
      expect(await tokens.find(await signed({ email_verified }))).toMatchObject({ kind: 'refused' });
  });

  test('signed by a stranger under a known key id', async () => {
    const found = await idTokens().find(await signed({}, {}, stranger));
    expect(found).toMatchObject({ code: 'ID_TOKEN_INVALID', detail: 'its signature is wrong' });
  });

  test('HS256 with the public key as the secret, and no signature at all', async () => {
    const secret = new TextEncoder().encode(await exportSPKI(publicKey));
    const confused = await new SignJWT(CLAIMS).setProtectedHeader({ alg: 'HS256', kid: 'k1' }).sign(secret);
    const unsigned = new UnsecuredJWT(CLAIMS).encode();
    for (const token of [confused, unsigned])
      expect(await idTokens().find(token)).toMatchObject({
        code: 'ID_TOKEN_INVALID',
        detail: 'it is signed by an algorithm that is not allowed',
      });
  });

  test.each(['', 'x', 'a.b.c', 'x'.repeat(12_001), '..'])('no token: %.20s', async (text) => {
    expect(await idTokens().find(text)).toMatchObject({ kind: 'refused', code: 'ID_TOKEN_INVALID' });
  });

  test('when nobody can tell the keys, it says so and is not invalid', async () => {
    const keys = () => Promise.reject(new Error('connection refused'));
    expect(await idTokens({ keys }).find(await signed())).toEqual({
      kind: 'refused',
      code: 'IDENTITY_KEYS_UNAVAILABLE',
      detail: 'connection refused',
    });
  });
});

describe('times are told, not judged', () => {
  test.each([
    ['ended a minute ago', { exp: NOW - 60, iat: NOW - 120 }],
    ['begins in a minute', { iat: NOW + 60, nbf: NOW + 60 }],
  ])('%s', async (_name, claims) => {
    const tokens = idTokens();
    expect(await tokens.find(await signed(claims))).toMatchObject({
      kind: 'verified',
      identity: 'anna@fleet.test',
      issuedAt: claims.iat,
    });
    // What was not verified to its end is not remembered: its type was not looked at.
    expect(tokens.size).toBe(0);
  });

  test('a late token of a stranger is not even late', async () => {
    const found = await idTokens().find(await signed({ exp: NOW - 60 }, {}, stranger));
    expect(found).toMatchObject({ kind: 'refused', code: 'ID_TOKEN_INVALID' });
  });
});

describe('remembered', () => {
  test('one verification for many questions, also after the token has ended', async () => {
    const tokens = idTokens();
    const token = await signed();
    await tokens.find(token);
    now = NOW + 10_000;
    expect(await tokens.find(token)).toMatchObject({ kind: 'verified', expiresAt: NOW + 300 });
    expect(asked).toBe(1);
  });

  test('a changed letter is another token', async () => {
    const tokens = idTokens();
    const token = await signed();
    await tokens.find(token);
    const [head = '', body = '', signature = ''] = token.split('.');
    const changed = `${head}.${body}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
    expect(await tokens.find(changed)).toMatchObject({ code: 'ID_TOKEN_INVALID' });
    expect(asked).toBe(2);
  });

  test('at most 512, the one used longest ago goes', async () => {
    const { privateKey: quick, publicKey: quickPublic } = await generateKeyPair('ES256');
    const keys = async () => quickPublic;
    const tokens = idTokens({ keys });
    const made = await Promise.all(
      Array.from({ length: 600 }, (_, n) => signed({ jti: String(n) }, { alg: 'ES256' }, quick)),
    );
    for (const token of made) await tokens.find(token);
    expect(tokens.size).toBe(512);
  });
});
