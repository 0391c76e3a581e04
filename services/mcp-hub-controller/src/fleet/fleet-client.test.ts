import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type FakeFleet, fakeFleet } from '../../test/fake-fleet.ts';
import { FLEET_SERVICES, type FleetAddresses, fleetClient } from './fleet-client.ts';

let fleet: FakeFleet;
beforeAll(async () => {
  fleet = await fakeFleet();
});
beforeEach(() => {
  fleet.asked.length = 0;
});
afterAll(() => fleet.close());

const at = (url: string) => Object.fromEntries(FLEET_SERVICES.map((name) => [name, url])) as FleetAddresses;
const client = (over: object = {}) =>
  fleetClient({ addresses: at(fleet.url), adminToken: 'admin-token', ...over });
const question = () => ({ signal: new AbortController().signal, requestId: 'r1' });

test('asks by GET, with the request id, and gives the admin token to admin routes alone', async () => {
  fleet.answers['/a'] = { status: 200, body: { n: 1 } };
  fleet.answers['/admin/b'] = { status: 200, body: [] };
  expect(await client().get('orchestrator', '/a', { ...question(), query: { limit: 5 } })).toEqual({ n: 1 });
  expect(await client().get('orchestrator', '/admin/b', { ...question(), admin: true })).toEqual([]);
  expect(fleet.asked).toEqual([
    { method: 'GET', path: '/a?limit=5', adminToken: undefined, serviceSecret: undefined, requestId: 'r1' },
    { method: 'GET', path: '/admin/b', adminToken: 'admin-token', serviceSecret: undefined, requestId: 'r1' },
  ]);
});

test('says which service asks, when it has a secret to say it with', async () => {
  fleet.answers['/a'] = { status: 200, body: {} };
  await client({ serviceSecret: 'secret-of-the-hub' }).get('orchestrator', '/a', question());
  expect(fleet.asked).toMatchObject([{ path: '/a', serviceSecret: 'secret-of-the-hub' }]);
});

test('asks no admin route where a person has to, though it has a token', async () => {
  fleet.answers['/admin/b'] = { status: 200, body: [] };
  const closed = client({ adminClosed: true }).get('orchestrator', '/admin/b', {
    ...question(),
    admin: true,
  });
  await expect(closed).rejects.toMatchObject({
    code: 'SERVICE_REFUSED',
    message: expect.stringContaining('this hub is no person'),
  });
  expect(fleet.asked).toEqual([]);
});

describe('honest errors', () => {
  test.each([
    [
      'a refusal with its reason',
      '/missing',
      'SERVICE_REFUSED',
      /answered 404 to \/missing: NOT_FOUND: nothing here/,
    ],
    ['no JSON', '/html', 'SERVICE_ANSWER_UNUSABLE', /did not answer with JSON/],
    ['an answer without end', '/huge', 'SERVICE_ANSWER_UNUSABLE', /more than 2097152 bytes/],
  ])('%s', async (_name, path, code, words) => {
    fleet.answers['/html'] = { status: 200, body: '<html>' };
    fleet.answers['/huge'] = { status: 200, body: `"${'x'.repeat(2 * 1024 * 1024 + 1)}"` };
    const refused = client().get('risk-manager', path, question());
    await expect(refused).rejects.toMatchObject({ code, message: expect.stringMatching(words) });
  });

  test('nobody listens', async () => {
    const away = client({ addresses: at('http://127.0.0.1:9') }).get(
      'trade-executor',
      '/trade/open',
      question(),
    );
    await expect(away).rejects.toMatchObject({
      code: 'SERVICE_UNREACHABLE',
      message: expect.stringMatching(/^trade-executor did not answer/),
    });
  });

  test('no answer in time', async () => {
    fleet.answers['/slow'] = 'hang';
    const slow = client({ timeoutMs: 50 }).get('trade-executor', '/slow', question());
    await expect(slow).rejects.toMatchObject({ code: 'SERVICE_UNREACHABLE' });
  });

  test('an admin route without a token is not asked', async () => {
    const closed = client({ adminToken: undefined }).get('orchestrator', '/admin/b', {
      ...question(),
      admin: true,
    });
    await expect(closed).rejects.toMatchObject({
      code: 'SERVICE_REFUSED',
      message: expect.stringContaining('ADMIN_TOKEN'),
    });
    expect(fleet.asked).toEqual([]);
  });
});
