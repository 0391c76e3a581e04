import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { IdTokens } from './id-token.ts';
import { ProviderKeys } from './provider-keys.ts';

const ISSUER = 'https://id.fleet.test';
const NOW = 1_800_000_000;

interface Pair {
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
}

async function pair(kid: string): Promise<Pair> {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  return { privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: 'ES256' } };
}

const first = await pair('k1');
const second = await pair('k2');

let server: Server;
let answer: { status: number; body: string };
let asked: number;
let now: number;
let url: string;
const fetched: string[] = [];

beforeEach(async () => {
  asked = 0;
  now = 0;
  fetched.length = 0;
  answer = { status: 200, body: JSON.stringify({ keys: [first.jwk] }) };
  server = createServer((_request, response) => {
    asked += 1;
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`;
});
afterEach(() => {
  server.close();
  server.closeAllConnections();
});

const opened = (coolDownMs = 10_000) => {
  const keys = new ProviderKeys({
    url,
    coolDownMs,
    monotonic: () => now,
    onFetch: (outcome) => fetched.push(outcome),
  });
  const tokens = new IdTokens({
    issuer: ISSUER,
    audiences: ['fleet'],
    wall: () => NOW * 1_000,
    keys: keys.key,
    emailVerified: 'claim',
  });
  return { keys, tokens };
};

let serial = 0;
const tokenBy = ({ privateKey, jwk }: Pair) => {
  serial += 1;
  return new SignJWT({ email: 'anna@fleet.test', email_verified: true, jti: String(serial) })
    .setProtectedHeader({ alg: 'ES256', kid: jwk.kid ?? '' })
    .setIssuer(ISSUER)
    .setAudience('fleet')
    .setIssuedAt(NOW)
    .setExpirationTime(NOW + 300)
    .sign(privateKey);
};

test('are read when the first token comes, once', async () => {
  const { keys, tokens } = opened();
  expect([keys.count, keys.ageSeconds()]).toEqual([0, 0]);
  expect(await tokens.find(await tokenBy(first))).toMatchObject({ kind: 'verified' });
  now = 5_000;
  expect(await tokens.find(await tokenBy(first))).toMatchObject({ kind: 'verified' });
  expect([asked, keys.count, keys.ageSeconds()]).toEqual([1, 1, 5]);
});

describe('an outage', () => {
  test.each<[string, () => void]>([
    ['nobody listens', () => server.closeAllConnections()],
    ['an error', () => Object.assign(answer, { status: 502, body: 'bad gateway' })],
    ['a page', () => Object.assign(answer, { body: '<html>' })],
    ['no keys', () => Object.assign(answer, { body: '{"keys":[]}' })],
    ['keys that are none', () => Object.assign(answer, { body: '{"keys":["k1"]}' })],
    ['a redirect', () => Object.assign(answer, { status: 302 })],
  ])('%s: the keys read last hold', async (name, breakIt) => {
    const { keys, tokens } = opened();
    expect(await keys.refresh()).toBe(true);
    breakIt();
    if (name === 'nobody listens') server.close();
    now = 3_600_000;
    expect(await keys.refresh()).toBe(false);
    expect(await tokens.find(await tokenBy(first))).toMatchObject({ kind: 'verified' });
    expect([keys.count, keys.ageSeconds()]).toEqual([1, 3_600]);
    expect(fetched).toEqual(['ok', 'failed']);
  });

  test('from the start: nobody can be recognised, and it is not the token’s fault', async () => {
    answer = { status: 503, body: '' };
    const { tokens } = opened();
    expect(await tokens.find(await tokenBy(first))).toMatchObject({
      kind: 'refused',
      code: 'IDENTITY_KEYS_UNAVAILABLE',
      detail: expect.stringContaining('answered 503'),
    });
  });

  test('a provider that does not answer is told in words', async () => {
    server.removeAllListeners('request');
    const { tokens } = opened();
    expect(await tokens.find(await tokenBy(first))).toMatchObject({
      code: 'IDENTITY_KEYS_UNAVAILABLE',
      detail: expect.stringMatching(/time/i),
    });
  });

  test('the provider is not hammered, and asked again after 2 s', async () => {
    answer = { status: 503, body: '' };
    const { tokens } = opened();
    for (let n = 0; n < 20; n += 1) await tokens.find(await tokenBy(first));
    expect(asked).toBe(1);
    answer = { status: 200, body: JSON.stringify({ keys: [first.jwk] }) };
    now = 2_000;
    expect(await tokens.find(await tokenBy(first))).toMatchObject({ kind: 'verified' });
    expect(asked).toBe(2);
  });
});

describe('a new key', () => {
  test('makes them be read anew, the old one stays as long as the provider names it', async () => {
    const { tokens } = opened(0);
    await tokens.find(await tokenBy(first));
    answer.body = JSON.stringify({ keys: [first.jwk, second.jwk] });
    expect(await tokens.find(await tokenBy(second))).toMatchObject({ kind: 'verified' });
    expect(await tokens.find(await tokenBy(first))).toMatchObject({ kind: 'verified' });
    expect(asked).toBe(2);
  });

  test('made-up key ids do not make them be read again and again', async () => {
    const { tokens } = opened();
    await tokens.find(await tokenBy(first));
    for (let n = 0; n < 10; n += 1)
      expect(await tokens.find(await tokenBy(second))).toMatchObject({ code: 'ID_TOKEN_INVALID' });
    expect(asked).toBe(1);
  });

  test('withdrawn keys go when they are read anew', async () => {
    const { keys, tokens } = opened();
    await keys.refresh();
    answer.body = JSON.stringify({ keys: [second.jwk] });
    await keys.refresh();
    expect(await tokens.find(await tokenBy(first))).toMatchObject({ code: 'ID_TOKEN_INVALID' });
    expect(await tokens.find(await tokenBy(second))).toMatchObject({ kind: 'verified' });
  });
});
