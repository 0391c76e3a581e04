import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRedis, testDatabase, testRedis } from '@fleet/testkit/infrastructure';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { commonConfigShape, loadConfig } from '../config/index.ts';
import { endpoint } from '../http/index.ts';
import { Resources } from '../lifecycle/index.ts';
import { migrate } from '../postgres/index.ts';
import type { Processor } from '../streams/index.ts';
import { openService, type ServiceIdentity } from './index.ts';

const database = await testDatabase();
const redis = await testRedis();
const password = 'base-service-password';
const role = `role_${database.name}`;
const identity: ServiceIdentity = {
  name: 'probe-service',
  schema: 'probe',
  version: '1.2.3',
  description: 'A probe.',
};

afterAll(async () => {
  // Owned by nobody but this file; the database itself is dropped by the testkit.
  await database.pool.query(`drop owned by ${role}`);
  await database.pool.query(`drop role ${role}`);
});

function configOf(env: Record<string, string>) {
  const url = new URL(database.url);
  url.username = role;
  url.password = password;
  const stores = { DATABASE_URL: url.href, REDIS_URL: redis.url, LOG_LEVEL: 'silent', PORT: '0' };
  return loadConfig(z.object(commonConfigShape), { env: { ...stores, ...env } });
}

const runMigrations = () =>
  migrate({ adminUrl: database.url, schema: 'probe', role, rolePassword: password, dirs: [] });

let resources = new Resources();
afterEach(async () => {
  await resources.close();
  resources = new Resources();
});

/** Polls until the check passes; the test's own time-out bounds it. */
async function until(check: () => Promise<boolean>): Promise<void> {
  while (!(await check())) await new Promise((resolve) => setTimeout(resolve, 20));
}

async function freeTcpPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

const get = async (port: number, path: string) => {
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

const answerNow = endpoint({
  method: 'get',
  path: '/answer',
  summary: 'Answers',
  response: z.object({ answer: z.number() }),
  handle: (deps: { answer: number }) => ({ answer: deps.answer }),
});

test('listens at once, says what it waits for, and goes on by itself', async () => {
  const port = await freeTcpPort();
  const opening = openService(identity, configOf({ PORT: String(port), RUN_ID: 'r1' }), resources);
  await until(async () => (await get(port, '/ready').catch(() => ({ status: 0 }))).status === 503);
  expect((await get(port, '/health')).status).toBe(200);
  expect((await get(port, '/answer')).body).toMatchObject({ code: 'NOT_READY', status: 503 });
  // The role does not exist yet either.
  await until(async () => JSON.stringify((await get(port, '/ready')).body).includes('refuses this role'));
  await runMigrations();
  const base = await opening;
  expect(base.run).toEqual({ run: 'r1', mode: 'paced', lockstep: false });
  await base.serve({ endpoints: [answerNow], deps: { answer: 42 }, status: () => ({ own: 'part' }) });
  expect(await get(port, '/answer')).toEqual({ status: 200, body: { answer: 42 } });
  expect((await get(port, '/ready')).status).toBe(200);
  expect((await get(port, '/status')).body).toMatchObject({
    service: 'probe-service',
    version: '1.2.3',
    role: 'single',
    run: 'r1',
    own: 'part',
  });
  const { body } = await get(port, '/health');
  expect(body).toMatchObject({
    status: 'ok',
    dependencies: [
      { name: 'postgres', status: 'up' },
      { name: 'redis', status: 'up' },
    ],
  });
});

test('a schema that is not migrated is named', async () => {
  await runMigrations();
  const port = await freeTcpPort();
  const other = { ...identity, schema: 'nowhere' };
  const opening = openService(other, configOf({ PORT: String(port), RUN_ID: 'r1' }), resources);
  opening.catch(() => undefined); // ended by closing the resources
  const said = () =>
    get(port, '/ready').then(
      ({ body }) => JSON.stringify(body),
      () => '',
    );
  await until(async () => /schema nowhere has not been migrated|may not use/.test(await said()));
  await resources.close();
  await expect(opening).rejects.toThrow();
});

test('a port that is taken stops the start with its name', async () => {
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  const { port } = holder.address() as AddressInfo;
  const opening = openService(identity, configOf({ PORT: String(port), RUN_ID: 'r1' }), resources);
  await expect(opening).rejects.toMatchObject({ code: 'PORT_TAKEN' });
  holder.close();
  await once(holder, 'close');
});

describe('with streams', () => {
  interface State {
    seen: string[];
  }
  const processor: Processor<State> = {
    load: async () => ({ seen: [] }),
    decide: (state, input) => {
      state.seen.push(String(input.data));
      return { kind: 'done', result: state.seen.length };
    },
    rows: () => [],
  };
  const request = {
    catalog: { streams: ['things'], groupsOf: () => ['probe'], entry: () => undefined },
    subscriptions: [{ stream: 'things', partitions: 'own' as const }],
    handles: [],
    processor,
  };

  test('leads, decides what is submitted, tells its lease in /status, and is ready', async () => {
    await runMigrations();
    const base = await openService(identity, configOf({ RUN_ID: 'r2' }), resources);
    const runner = await base.startRunner(request);
    const { port } = await base.serve({ endpoints: [], deps: {} });
    await until(async () => (await get(port, '/ready')).status === 200 && runner.holdsLease());
    await until(async () => runner.state() !== undefined);
    const input = { id: 'i1', type: 'thing', key: 'k', ts: '2024-08-05T00:00:00.000Z', data: 'one' };
    expect(await runner.submit(input)).toBe(1);
    expect(runner.state()).toEqual({ seen: ['one'] });
    const { body } = await get(port, '/status');
    expect(body).toMatchObject({ role: 'leader', run: 'r2', runners: [{ partition: 0, leader: true }] });
    const metrics = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    expect(await metrics()).toContain('service_ready{service="probe-service"} 1');
    await until(async () => (await metrics()).includes('stream_lag{')); // observed each second
  });

  test('Redis absent at the start, and lost later: alive, not ready, then by itself ready again', async ({
    onTestFinished,
  }) => {
    await runMigrations();
    const dir = mkdtempSync(join(tmpdir(), 'service-redis-'));
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    const redisPort = await freeTcpPort();
    const start = () => startRedis({ dir, port: redisPort, env: { PATH: process.env['PATH'] } });
    const url = `redis://127.0.0.1:${redisPort}`;
    const base = await openService(identity, configOf({ RUN_ID: 'r3', REDIS_URL: url }), resources);
    const runner = await base.startRunner(request);
    const { port } = await base.serve({ endpoints: [], deps: {} });
    const ready = async () => (await get(port, '/ready')).status === 200;
    const said = async () => JSON.stringify((await get(port, '/ready')).body);
    expect(await said()).toContain('Redis does not answer');
    expect((await get(port, '/health')).body).toMatchObject({ status: 'degraded' });
    let server = await start();
    await until(async () => (await ready()) && runner.holdsLease());
    await server.stop();
    await until(async () => !(await ready()));
    expect((await get(port, '/health')).status).toBe(200);
    server = await start();
    await until(ready);
    await resources.close();
    await server.stop();
  });

  test('a second replica stands by, is ready, and refuses what only the leader may do', async () => {
    await runMigrations();
    const first = await openService(identity, configOf({ RUN_ID: 'r2' }), resources);
    const leader = await first.startRunner(request);
    await until(async () => leader.holdsLease());
    const second = await openService(identity, configOf({ RUN_ID: 'r2' }), resources);
    const spare = await second.startRunner(request);
    const { port } = await second.serve({ endpoints: [], deps: {} });
    await until(async () => (await get(port, '/ready')).status === 200);
    expect((await get(port, '/status')).body).toMatchObject({ role: 'standby' });
    const input = { id: 'i9', type: 'thing', key: 'k', ts: '2024-08-05T00:00:00.000Z', data: 'x' };
    await expect(spare.submit(input)).rejects.toMatchObject({ code: 'NOT_LEADER' });
    expect(spare.state()).toBeUndefined();
  });
});

test('a new run of the simulator ends the process, and until then it is not ready', async () => {
  await runMigrations();
  let run = 'sim-1';
  const simulator = createServer((_request, response) =>
    response.end(JSON.stringify({ run, mode: 'lockstep' })),
  );
  simulator.listen(0, '127.0.0.1');
  await once(simulator, 'listening');
  const url = `http://127.0.0.1:${(simulator.address() as AddressInfo).port}`;
  const reasons: string[] = [];
  const base = await openService(identity, configOf({ SIMULATOR_URL: url }), resources, {
    exit: (reason) => reasons.push(reason),
  });
  expect(base.run).toEqual({ run: 'sim-1', mode: 'lockstep', lockstep: true });
  const { port } = await base.serve({ endpoints: [], deps: {} });
  run = 'sim-2';
  await until(async () => reasons.length > 0);
  expect(reasons).toEqual([expect.stringContaining('sim-2')]);
  expect((await get(port, '/ready')).body).toMatchObject({ detail: expect.stringContaining('sim-2') });
  simulator.close();
  simulator.closeAllConnections();
  await once(simulator, 'close');
});

test('behind the edge: strangers are refused, a broken file keeps it from being ready, the start checks its settings', async () => {
  await runMigrations();
  const folder = mkdtempSync(join(tmpdir(), 'fleet-access-'));
  const put = (name: string, text: string) => writeFileSync(join(folder, name), text, { mode: 0o600 });
  const internal = ['health', 'ready', 'metrics'];
  const rows = [
    ...internal.map((path) => `GET /${path}: internal`),
    'GET /status: viewer',
    'GET /answer: viewer',
  ];
  const exceptions = internal.map(
    (path) => `  - { service: "*", route: GET /${path}, reason: asked by probes }`,
  );
  put(
    'access.yaml',
    `services:\n  probe-service:\n${rows.map((row) => `    ${row}\n`).join('')}exceptions:\n${exceptions.join('\n')}\n`,
  );
  put('operators.yaml', 'operators: []\n');
  put('revoked-certificates.txt', '');
  const edge = {
    ...{
      RUN_ID: 'r1',
      ACCESS_CONTROL: 'edge',
      ACCESS_DIR: folder,
      CONFIG_DIR: folder,
      OIDC_AUDIENCES: 'fleet',
    },
    ...{ OIDC_ISSUER: 'https://id.fleet.test', OIDC_JWKS_URL: 'http://127.0.0.1:9/jwks' },
  };
  try {
    await expect(openService(identity, configOf(edge), resources)).rejects.toThrow(/ALLOWED_ORIGINS/);
    const config = configOf({ ...edge, ALLOWED_ORIGINS: 'https://app.fleet.test' });
    const base = await openService(identity, config, resources);
    const { port } = await base.serve({ endpoints: [answerNow], deps: { answer: 1 } });
    expect((await get(port, '/ready')).status).toBe(200);
    expect((await get(port, '/answer')).body).toMatchObject({ code: 'EDGE_SECRET_MISSING' });
    put('operators.yaml', 'nobody');
    await until(async () => (await get(port, '/ready')).status === 503);
    expect(JSON.stringify((await get(port, '/ready')).body)).toContain('operators.yaml');
    const unknown = { ...answerNow, path: '/unlisted' };
    await expect(base.serve({ endpoints: [unknown], deps: { answer: 1 } })).rejects.toThrow(
      /GET \/unlisted: is a route without a row/,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('the admin token alone does not start beyond the loopback with a public domain', async () => {
  const config = configOf({ RUN_ID: 'r1', HOST: '0.0.0.0', DOMAIN: 'fleet.example.com' });
  await expect(openService(identity, config, resources)).rejects.toThrow(
    /ACCESS_CONTROL: is token, which guards the loopback only, while DOMAIN is fleet.example.com/,
  );
});
