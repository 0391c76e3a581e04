import { createHmac } from 'node:crypto';
import request from 'supertest';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ANNAS_CERTIFICATE, BOBS_CERTIFICATE, ORIGIN, SECRETS } from '../access/scene.fixture.ts';
import { type AccessApp, accessApp, operatorsText } from './access-app.fixture.ts';
import { IdentityProviderFixture } from './identity-provider.fixture.ts';

const provider = new IdentityProviderFixture();
const tokens: Record<string, string> = {};
let scene: AccessApp;

// Not in a hook: the tables below hold tokens.
await provider.open();
for (const name of ['anna', 'bob', 'olga', 'vera', 'mallory'])
  tokens[name] = await provider.signIn(`${name}@fleet.test`);
afterAll(() => provider.close());
beforeEach(() => {
  scene = accessApp({ issuer: provider.issuer, jwksUrl: provider.jwksUrl });
});
afterEach(() => scene.close());

type Sent = Record<string, string | undefined>;

const edge = (name: string): Sent => ({
  'X-Edge-Secret': SECRETS.edge,
  Authorization: `Bearer ${tokens[name]}`,
  'X-Forwarded-For': '203.0.113.9, 198.51.100.7',
});
const change = (name: string): Sent => ({
  ...edge(name),
  Origin: ORIGIN,
  'Content-Type': 'application/json',
});
const admin = (name: string): Sent => ({
  ...change(name),
  'X-Edge-Admin-Secret': SECRETS.edgeAdmin,
  'X-Forwarded-Tls-Client-Cert': ANNAS_CERTIFICATE.base64,
  'X-Admin-Token': SECRETS.adminToken,
});

function ask(method: 'get' | 'post', path: string, headers: Sent, body?: object) {
  const call = request(scene.app)[method](path);
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) call.set(name, value);
  return body === undefined ? call : call.send(body);
}
const halt = (headers: Sent) => ask('post', '/admin/lamps/halt', headers, { reason: 'test' });
const read = (headers: Sent) => ask('get', '/lamps/kitchen', headers);

describe('with every gate open', () => {
  test('a viewer reads, an operator changes, an admin halts', async () => {
    expect((await read(edge('vera'))).status).toBe(200);
    expect((await ask('post', '/lamps', change('olga'), { name: 'hall' })).status).toBe(201);
    const halted = await halt(admin('anna'));
    expect([halted.status, halted.body]).toEqual([200, { halted: true, admin: true }]);
  });

  test('the app works as before for what needs no gate', async () => {
    for (const path of ['/health', '/ready', '/metrics'])
      expect((await ask('get', path, {})).status).toBe(200);
  });

  test('the handler knows the person, whatever the body says', async () => {
    await ask('post', '/who', change('olga'), {});
    expect(scene.log.find((line) => line.includes('"who"'))).toContain('"identity":"olga@fleet.test"');
  });
});

describe('refused, the handler untouched', () => {
  test.each<[string, string, Sent]>([
    ['nothing at all', 'EDGE_SECRET_MISSING', {}],
    [
      'everything but the edge secret',
      'EDGE_SECRET_MISSING',
      { ...admin('anna'), 'X-Edge-Secret': undefined },
    ],
    ['a wrong edge secret', 'EDGE_SECRET_WRONG', { ...admin('anna'), 'X-Edge-Secret': SECRETS.edgeAdmin }],
    ['no sign-in', 'ID_TOKEN_MISSING', { ...admin('anna'), Authorization: undefined }],
    [
      'an e-mail header instead',
      'ID_TOKEN_MISSING',
      {
        ...admin('anna'),
        Authorization: undefined,
        'X-Auth-Request-Email': 'anna@fleet.test',
      },
    ],
    ['nobody on the list', 'IDENTITY_UNKNOWN', admin('mallory')],
    ['an operator', 'ROLE_INSUFFICIENT', admin('olga')],
    [
      'a form',
      'CONTENT_TYPE_NOT_JSON',
      { ...admin('anna'), 'Content-Type': 'application/x-www-form-urlencoded' },
    ],
    ['no origin', 'ORIGIN_MISSING', { ...admin('anna'), Origin: undefined }],
    [
      'a foreign origin',
      'ORIGIN_NOT_ALLOWED',
      { ...admin('anna'), Origin: 'https://app.fleet.test.evil.test' },
    ],
    ['the public host', 'EDGE_ADMIN_SECRET_MISSING', { ...admin('anna'), 'X-Edge-Admin-Secret': undefined }],
    [
      'a forged admin secret',
      'EDGE_ADMIN_SECRET_WRONG',
      { ...admin('anna'), 'X-Edge-Admin-Secret': SECRETS.edge },
    ],
    ['no certificate', 'CERTIFICATE_MISSING', { ...admin('anna'), 'X-Forwarded-Tls-Client-Cert': undefined }],
    ["another person's certificate", 'CERTIFICATE_OF_ANOTHER_PERSON', admin('bob')],
    [
      'own certificate second',
      'CERTIFICATE_OF_ANOTHER_PERSON',
      {
        ...admin('anna'),
        'X-Forwarded-Tls-Client-Cert': `${BOBS_CERTIFICATE.base64},${ANNAS_CERTIFICATE.base64}`,
      },
    ],
    ['no admin token', 'ADMIN_TOKEN_MISSING', { ...admin('anna'), 'X-Admin-Token': undefined }],
    ['a wrong admin token', 'ADMIN_TOKEN_WRONG', { ...admin('anna'), 'X-Admin-Token': 'wrong' }],
    ['the hash as the token', 'ADMIN_TOKEN_WRONG', { ...admin('anna'), 'X-Admin-Token': 'a'.repeat(64) }],
    [
      'a service',
      'ROLE_INSUFFICIENT',
      { ...admin('anna'), 'X-Edge-Secret': undefined, 'X-Service-Secret': SECRETS.hub },
    ],
    [
      'two values in one header',
      'HEADER_DUPLICATED',
      { ...admin('anna'), 'X-Edge-Secret': `${SECRETS.edge}, x` },
    ],
    [
      'underscores',
      'EDGE_SECRET_MISSING',
      { ...admin('anna'), 'X-Edge-Secret': undefined, X_Edge_Secret: SECRETS.edge },
    ],
  ])('%s', async (_name, code, headers) => {
    const call = scene.log.length;
    const answer = await halt(headers);
    expect(answer.body).toMatchObject({ code, status: answer.status, action: expect.any(String) });
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.headers['www-authenticate'] !== undefined).toBe(answer.status === 401);
    expect(scene.log.slice(call).join('')).not.toContain(SECRETS.adminToken);
  });

  test('the same header twice', async () => {
    const call = request(scene.app).get('/lamps/kitchen');
    for (const [name, value] of Object.entries(edge('vera'))) call.set(name, value ?? '');
    // Node's own client sends an array as two lines.
    call.set({ 'X-Edge-Secret': [SECRETS.edge, SECRETS.edge] } as unknown as Record<string, string>);
    expect((await call).body).toMatchObject({ code: 'HEADER_DUPLICATED' });
  });

  test.each(['/metrics', '/health', '/ready'])('%s through the edge', async (path) => {
    expect((await ask('get', path, edge('anna'))).body).toMatchObject({
      code: 'ROUTE_INTERNAL',
      status: 403,
    });
  });

  test.each([
    '/Admin/lamps/halt',
    '//admin/lamps/halt',
    '/%61dmin/lamps/halt',
    '/admin/lamps/halt/',
    '/nothing',
  ])('%s does not answer', async (path) => {
    expect([401, 403]).toContain((await ask('post', path, {})).status);
    expect((await ask('post', path, change('vera'), {})).body).toMatchObject({ code: 'ROLE_INSUFFICIENT' });
    const all = await ask('post', path, admin('anna'), {});
    expect(all.body).toMatchObject({ code: 'NOT_FOUND' });
  });

  test('a method that nobody knows asks for its role as well', async () => {
    expect((await request(scene.app).delete('/lamps/kitchen')).status).toBe(401);
    const known = request(scene.app).delete('/lamps/kitchen');
    for (const [name, value] of Object.entries(change('olga'))) known.set(name, value ?? '');
    expect((await known).status).toBe(405);
  });
});

describe('what the edge asks before it lets somebody to a program without roles', () => {
  const page = (name: string): Sent => ({
    ...edge(name),
    'X-Edge-Admin-Secret': SECRETS.edgeAdmin,
    'X-Forwarded-Tls-Client-Cert': ANNAS_CERTIFICATE.base64,
    'X-Forwarded-Method': 'GET',
    'X-Forwarded-Uri': '/alertmanager/api/v2/silences?active=true',
  });
  const looks = (headers: Sent) => ask('get', '/access/certified', headers);

  test('an admin with the own certificate passes, often and without the admin token', async () => {
    for (let n = 0; n < 70; n += 1) expect((await looks(page('anna'))).status).toBe(204);
    await scene.access.close();
    expect(scene.rows).toEqual([]);
  });

  test("another person's, a revoked and an unknown one do not; the audit names the page", async () => {
    expect((await looks(page('bob'))).body).toMatchObject({ code: 'CERTIFICATE_OF_ANOTHER_PERSON' });
    scene.write('revoked-certificates.txt', `${ANNAS_CERTIFICATE.fingerprint}\n`);
    expect((await looks(page('anna'))).body).toMatchObject({ code: 'CERTIFICATE_REVOKED' });
    await scene.access.close();
    expect(scene.rows).toMatchObject([
      { method: 'GET', path: '/alertmanager/api/v2/silences', identity: 'bob@fleet.test' },
      { reason: 'CERTIFICATE_REVOKED', address: '198.51.100.7' },
    ]);
  });

  test('what would change something there is kept, granted or refused', async () => {
    await looks({ ...page('anna'), 'X-Forwarded-Method': 'DELETE' });
    await scene.access.close();
    expect(scene.rows).toMatchObject([
      { outcome: 'granted', method: 'DELETE', path: '/alertmanager/api/v2/silences', role: 'admin' },
    ]);
    expect(scene.audited).toEqual([]);
  });

  test('a header of the edge renames no other call in the audit', async () => {
    await halt({ ...admin('anna'), 'X-Forwarded-Method': 'GET', 'X-Forwarded-Uri': '/lamps' });
    await scene.access.close();
    expect(scene.rows).toMatchObject([{ method: 'POST', path: '/admin/lamps/halt' }]);
  });
});

describe('a service', () => {
  const hub: Sent = { 'X-Service-Secret': SECRETS.hub, 'X-Forwarded-For': '198.51.100.7' };
  test('reads, and changes nothing', async () => {
    expect((await read(hub)).status).toBe(200);
    const body = { ...hub, 'Content-Type': 'application/json' };
    expect((await ask('post', '/lamps', body, { name: 'x' })).body).toMatchObject({
      code: 'ROLE_INSUFFICIENT',
    });
    await scene.access.close();
    expect(scene.rows).toMatchObject([{ outcome: 'refused', reason: 'ROLE_INSUFFICIENT' }]);
    expect(scene.rows[0]?.['address']).not.toBe('198.51.100.7');
  });
});

describe('what changes takes effect within a second', () => {
  test('a person taken off the list, though the token is verified already', async () => {
    expect((await read(edge('vera'))).status).toBe(200);
    scene.write('operators.yaml', operatorsText().replace('vera@fleet.test', 'vera@elsewhere.test'));
    expect((await read(edge('vera'))).body).toMatchObject({ code: 'IDENTITY_UNKNOWN' });
  });

  test('a revoked certificate', async () => {
    expect((await halt(admin('anna'))).status).toBe(200);
    scene.write('revoked-certificates.txt', `${ANNAS_CERTIFICATE.fingerprint} # lost\n`);
    expect((await halt(admin('anna'))).body).toMatchObject({ code: 'CERTIFICATE_REVOKED' });
  });

  test('an open event stream of a person taken off the list is cut, others go on', async () => {
    scene.access.start();
    const listening = await scene.listen();
    const open = async (name: string) => {
      const headers = { 'X-Edge-Secret': SECRETS.edge, Authorization: `Bearer ${tokens[name]}` };
      const response = await fetch(`http://127.0.0.1:${listening.port}/stream`, { headers });
      const reader = response.body?.getReader();
      expect(response.status).toBe(200);
      await reader?.read();
      return reader;
    };
    const [veras, olgas] = [await open('vera'), await open('olga')];
    scene.write('operators.yaml', operatorsText().replace('vera@fleet.test', 'vera@elsewhere.test'));
    await expect(veras?.read()).rejects.toThrow();
    let ended = false;
    const rest = olgas?.read().then(
      () => (ended = true),
      () => (ended = true),
    );
    expect(ended).toBe(false);
    await listening.close();
    await rest;
  });

  test('an open event stream ends with the token that opened it, others go on', async () => {
    scene.access.start();
    const listening = await scene.listen();
    const open = async (token: string | undefined) => {
      const headers = { 'X-Edge-Secret': SECRETS.edge, Authorization: `Bearer ${token}` };
      const response = await fetch(`http://127.0.0.1:${listening.port}/stream`, { headers });
      const reader = response.body?.getReader();
      expect(response.status).toBe(200);
      await reader?.read();
      return reader;
    };
    const short = await provider.signIn('vera@fleet.test', 60);
    const [ends, goesOn] = [await open(short), await open(tokens['olga'])];
    const rest = goesOn?.read().then(
      () => 'ended',
      () => 'ended',
    );
    scene.clock.wallMs += 66_000;
    await expect(ends?.read()).rejects.toThrow();
    expect(await Promise.race([rest, Promise.resolve('open')])).toBe('open');
    // A fresh token opens it again.
    scene.clock.wallMs -= 66_000;
    const again = await open(await provider.signIn('vera@fleet.test', 60));
    await listening.close();
    await Promise.allSettled([rest, again?.read()]);
  });

  test('a broken file changes nothing, and readiness says it', async () => {
    scene.write('operators.yaml', 'operators: [{ identity: x }]');
    expect((await read(edge('vera'))).status).toBe(200);
    expect(scene.access.faults().join()).toContain('operators.yaml');
    expect(await scene.metrics.registry.metrics()).toMatch(/access_file_faults\{file="operators.yaml".*\} 1/);
    scene.write('operators.yaml', operatorsText());
    await read(edge('vera'));
    expect(scene.access.faults()).toEqual([]);
  });
});

describe('the clock and the token', () => {
  test.each([
    [-60, 'ID_TOKEN_NOT_YET_VALID', /begins \d+ s from now/],
    [361, 'ID_TOKEN_EXPIRED', /ended \d+ s ago by the clock of this service/],
  ])('off by %d s', async (seconds, code, words) => {
    scene.clock.wallMs += seconds * 1_000;
    const { body } = await read(edge('vera'));
    expect(body).toMatchObject({
      code,
      detail: expect.stringMatching(words),
      action: expect.stringContaining('clock'),
    });
  });

  test('a token that was good is not good once it has ended', async () => {
    const headers = {
      ...edge('vera'),
      Authorization: `Bearer ${await provider.signIn('vera@fleet.test', 15)}`,
    };
    expect((await read(headers)).status).toBe(200);
    scene.clock.wallMs += 21_000;
    expect((await read(headers)).body).toMatchObject({ code: 'ID_TOKEN_EXPIRED' });
  });

  test('HS256 under the provider’s public key', async () => {
    const { keys } = (await (await fetch(provider.jwksUrl)).json()) as { keys: object[] };
    const [, body] = (tokens['anna'] ?? '').split('.');
    const head = Buffer.from(JSON.stringify({ alg: 'HS256', kid: 'k0' })).toString('base64url');
    const signature = createHmac('sha256', JSON.stringify(keys[0]))
      .update(`${head}.${body}`)
      .digest('base64url');
    const forged = { ...edge('anna'), Authorization: `Bearer ${head}.${body}.${signature}` };
    expect((await read(forged)).body).toMatchObject({ code: 'ID_TOKEN_INVALID' });
  });
});

describe('the provider', () => {
  test('away from the start: 503, never a pass; back: nothing is to do', async () => {
    await provider.close();
    expect((await read(edge('vera'))).body).toMatchObject({ code: 'IDENTITY_KEYS_UNAVAILABLE', status: 503 });
    await provider.open();
    scene.clock.monotonicMs += 2_000;
    expect((await read(edge('vera'))).status).toBe(200);
  });

  test('away later: who has a token goes on, also with a new token', async () => {
    expect((await read(edge('vera'))).status).toBe(200);
    await provider.close();
    expect((await halt(admin('anna'))).status).toBe(200);
    await provider.open();
  });

  test('signs with a new key', async () => {
    await provider.rotate();
    const headers = { ...edge('olga'), Authorization: `Bearer ${await provider.signIn('olga@fleet.test')}` };
    expect((await read(headers)).status).toBe(200);
    expect((await read(edge('vera'))).status).toBe(200);
  });
});

describe('the audit', () => {
  test('keeps changes and admin calls, with who and from where', async () => {
    await read(edge('vera'));
    await ask('post', '/lamps?secret=1', change('olga'), { name: 'hall' });
    await halt(admin('anna'));
    await halt(admin('bob'));
    await scene.access.close();
    const address = '198.51.100.7';
    expect(scene.rows).toMatchObject([
      {
        outcome: 'granted',
        method: 'POST',
        path: '/lamps',
        identity: 'olga@fleet.test',
        role: 'operator',
        address,
      },
      {
        outcome: 'granted',
        path: '/admin/lamps/halt',
        identity: 'anna@fleet.test',
        role: 'admin',
        fingerprint: ANNAS_CERTIFICATE.fingerprint,
        address,
      },
      {
        outcome: 'refused',
        reason: 'CERTIFICATE_OF_ANOTHER_PERSON',
        identity: 'bob@fleet.test',
        fingerprint: ANNAS_CERTIFICATE.fingerprint,
      },
    ]);
    // The service's own audit hears of admin calls alone.
    expect(scene.audited.map(({ outcome, path }) => [outcome, path])).toEqual([
      ['granted', '/admin/lamps/halt'],
      ['refused', '/admin/lamps/halt'],
    ]);
  });

  test('believes an address only from the edge', async () => {
    await halt({ ...admin('anna'), 'X-Edge-Secret': 'wrong' });
    await scene.access.close();
    expect(scene.rows[0]?.['address']).toContain('127.0.0.1');
  });

  test('what nobody signed in for leaves no row, and admin calls keep theirs under it', async () => {
    const { issuer, jwksUrl } = provider;
    scene = accessApp({ issuer, jwksUrl, publicRoute: 'POST /who' });
    for (let n = 0; n < 600; n += 1) {
      const { status } = await ask('post', '/who', { 'X-Edge-Secret': SECRETS.edge });
      expect(status).toBe(204);
    }
    expect((await halt(admin('anna'))).status).toBe(200);
    await scene.access.close();
    expect(scene.rows).toMatchObject([{ path: '/admin/lamps/halt', identity: 'anna@fleet.test' }]);
    expect(scene.audited).toMatchObject([{ path: '/admin/lamps/halt', outcome: 'granted' }]);
  });

  test('a flood of refusals is counted, not kept', async () => {
    for (let n = 0; n < 160; n += 1) await ask('post', '/lamps', {});
    await scene.access.close();
    expect(scene.rows).toHaveLength(100);
    expect(await scene.metrics.registry.metrics()).toMatch(
      /access_audit_rows_total\{outcome="dropped".*\} 60/,
    );
  });

  test('admin calls are limited for each address that the edge says', async () => {
    const from = (address: string) => ({
      ...admin('anna'),
      'X-Admin-Token': 'wrong',
      'X-Forwarded-For': address,
    });
    for (let n = 0; n < 60; n += 1) await halt(from('198.51.100.7'));
    expect((await halt(from('198.51.100.7'))).body).toMatchObject({
      code: 'ADMIN_RATE_LIMITED',
      status: 429,
    });
    expect((await halt(from('198.51.100.8'))).body).toMatchObject({ code: 'ADMIN_TOKEN_WRONG' });
  });
});

test('decisions are counted by code', async () => {
  await read(edge('vera'));
  await read({});
  const text = await scene.metrics.registry.metrics();
  expect(text).toMatch(/access_decisions_total\{outcome="granted",code="PERSON".*\} 1/);
  expect(text).toMatch(/access_decisions_total\{outcome="refused",code="EDGE_SECRET_MISSING".*\} 1/);
});

test('identity from the headers of the edge, where the provider has no ID tokens', async () => {
  await scene.close();
  scene = accessApp({ issuer: provider.issuer, jwksUrl: provider.jwksUrl, identitySource: 'headers' });
  const headers = { 'X-Edge-Secret': SECRETS.edge, 'X-Auth-Request-Email': 'Vera@fleet.test' };
  expect((await read(headers)).status).toBe(200);
  expect((await read({ 'X-Auth-Request-Email': 'vera@fleet.test' })).body).toMatchObject({
    code: 'EDGE_SECRET_MISSING',
  });
});

test('a route without a row stops the start', () => {
  const table = { services: { lamps: { 'GET /health': 'viewer' } }, exceptions: [] };
  expect(() => accessApp({ issuer: provider.issuer, jwksUrl: provider.jwksUrl, access: table })).toThrow(
    /POST \/admin\/lamps\/halt: is a route without a row → add it with its role; usual here: admin/,
  );
});
