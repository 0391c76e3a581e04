import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startRedis, testDatabase, testRedis } from '@fleet/testkit/infrastructure';
import { Redis } from 'ioredis';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { physicalKey } from './keys.ts';
import { PartitionRunner } from './runner.ts';
import {
  type Booked,
  bookedEffects,
  depositFields,
  publishedDeposits,
  writeDeposits,
} from './testing/ledger.ts';
import { type LedgerRunnerOptions, ledgerOptions } from './testing/options.ts';
import { ledgerSchema } from './testing/schema.ts';
import { until } from './testing/until.ts';

const ACCOUNTS = ['a', 'b', 'c', 'd', 'e'];
const WORKER = fileURLToPath(new URL('./testing/worker.ts', import.meta.url));

const database = await testDatabase();
const redis = await testRedis();
const { pool, url } = await ledgerSchema(database.url);
const runners: PartitionRunner<never>[] = [];
const workers: ChildProcess[] = [];

function startWorker(): ChildProcess {
  const worker = spawn(process.execPath, [WORKER, url, redis.url], { stdio: ['ignore', 'pipe', 'inherit'] });
  workers.push(worker);
  return worker;
}

async function end(worker: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (worker.exitCode !== null || worker.signalCode !== null) return;
  const exited = once(worker, 'exit');
  worker.kill(signal);
  await exited;
}

function createRunner(options: Partial<LedgerRunnerOptions> = {}) {
  const runner = new PartitionRunner(ledgerOptions({ pool, redisUrl: redis.url, ...options }));
  runners.push(runner as never);
  return runner;
}

async function running(runner: PartitionRunner<unknown>) {
  await until(
    'running',
    () => runner.status(),
    ({ mode, leader }) => mode === 'running' && leader,
  );
}

const booked = () => bookedEffects(database.pool, 'ledger');
const bookedCount = async () => (await database.pool.query('SELECT 1 FROM ledger.effects')).rowCount ?? 0;

/** Every deposit once, in order within its account. */
function expectWhole(
  effects: readonly { account: string; n: number }[],
  to: number,
  accounts = ACCOUNTS,
): void {
  const expected = Array.from({ length: to }, (_, i) => i + 1);
  for (const account of accounts) {
    expect(effects.filter((effect) => effect.account === account).map(({ n }) => n)).toEqual(expected);
  }
}

function expectChained(effects: readonly Booked[]): void {
  expect(effects.filter(({ n, last }) => last !== n - 1)).toEqual([]);
}

afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => end(worker, 'SIGKILL')));
  await Promise.all(runners.splice(0).map((runner) => runner.stop()));
  await redis.client.flushdb();
  await database.pool.query(
    'TRUNCATE ledger.inbox, ledger.outbox, ledger.parked, ledger.accounts, ledger.effects, ledger.prices, ledger.kit_settings, ledger.leases',
  );
});
afterAll(() => pool.end());

describe('a killed consumer', () => {
  test('kill -9 again and again under load: every effect once, in order, all published in order', async () => {
    const to = 1_200;
    const writing = writeDeposits(redis.client, ACCOUNTS, { from: 1, to });
    for (const share of [0.1, 0.25, 0.4, 0.6, 0.8]) {
      const worker = startWorker();
      await until('some progress', bookedCount, (count) => count >= to * ACCOUNTS.length * share, 40_000);
      await end(worker, 'SIGKILL');
    }
    await writing;
    startWorker();
    await until('all booked', bookedCount, (count) => count >= to * ACCOUNTS.length, 40_000);
    const published = await until(
      'all published',
      () => publishedDeposits(redis.client),
      (all) => all.length >= to * ACCOUNTS.length,
    );
    const effects = await booked();
    expect(effects).toHaveLength(to * ACCOUNTS.length);
    expectWhole(effects, to);
    expectChained(effects);
    expectWhole(published, to);
  });

  test('a stopped owner is replaced, and cannot write when it wakes', async () => {
    const old = startWorker();
    await writeDeposits(redis.client, ACCOUNTS, { from: 1, to: 20 });
    await until('first booked', bookedCount, (count) => count === 100);
    old.kill('SIGSTOP');
    const next = createRunner();
    await next.start();
    await running(next);
    await writeDeposits(redis.client, ACCOUNTS, { from: 21, to: 60 });
    await until('taken over', bookedCount, (count) => count === 300);
    old.kill('SIGCONT');
    await writeDeposits(redis.client, ACCOUNTS, { from: 61, to: 100 });
    await until('all booked', bookedCount, (count) => count >= 500);
    expectWhole(await booked(), 100);
    expectChained(await booked());
    expect(next.holdsLease()).toBe(true);
    const published = await until(
      'published',
      () => publishedDeposits(redis.client),
      (all) => all.length === 500,
    );
    expectWhole(published, 100);
  });

  test('an owner that stops in order hands the lease over without waiting for it to expire', async () => {
    const first = createRunner({ leaseMs: 60_000 });
    await first.start();
    await running(first);
    const second = createRunner({ leaseMs: 900 });
    await second.start();
    expect(second.status()).toMatchObject({ mode: 'acquiring', ready: true, leader: false });
    await expect(
      second.submit({ id: 'x', type: 'deposit.made', key: 'a', ts: '2024-01-01T00:00:00Z', data: { n: 1 } }),
    ).rejects.toMatchObject({ code: 'NOT_LEADER', status: 503 });
    await first.stop();
    await running(second);
    expect(second.status().epoch).toBeGreaterThan(first.status().epoch);
  });
});

describe('a lost Redis', () => {
  test('FLUSHDB under load: consumers get new groups, producers repeat, nothing is done twice', async () => {
    const runner = createRunner();
    await runner.start();
    await running(runner);
    await writeDeposits(redis.client, ACCOUNTS, { from: 1, to: 100 });
    await until('booked', bookedCount, (count) => count === 500);
    await until(
      'published',
      () => publishedDeposits(redis.client),
      (all) => all.length === 500,
    );
    await redis.client.flushdb();
    // The writer of these is another service, which repeats what it wrote.
    await writeDeposits(redis.client, ACCOUNTS, { from: 1, to: 150 });
    await until('booked', bookedCount, (count) => count >= 750);
    const published = await until(
      'published',
      () => publishedDeposits(redis.client),
      (all) => all.length === 750,
    );
    expectWhole(published, 150);
    expectWhole(await booked(), 150);
    expectChained(await booked());
  });

  test('a restart that comes back empty: the outbox is repeated in order', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'streams-redis-'));
    const own = { dir, appendonly: false, env: { ...process.env, REDIS_URL: '' } };
    let server = await startRedis(own);
    const client = new Redis(server.url, { maxRetriesPerRequest: null });
    client.on('error', () => {});
    try {
      const runner = createRunner({ redisUrl: server.url });
      await runner.start();
      await running(runner);
      await writeDeposits(client, ACCOUNTS, { from: 1, to: 100 });
      await until(
        'published',
        () => publishedDeposits(client),
        (all) => all.length === 500,
      );
      await server.stop();
      await until(
        'not ready',
        () => runner.status().ready,
        (ready) => !ready,
      );
      server = await startRedis({ ...own, port: Number(new URL(server.url).port) });
      await until(
        'repeated',
        () => publishedDeposits(client),
        (all) => all.length === 500,
      );
      await writeDeposits(client, ACCOUNTS, { from: 90, to: 120 });
      await until('booked', bookedCount, (count) => count >= 600);
      expectWhole(await booked(), 120);
      expectWhole(
        await until(
          'published',
          () => publishedDeposits(client),
          (all) => all.length === 600,
        ),
        120,
      );
      await until(
        'ready',
        () => runner.status().ready,
        (ready) => ready,
      );
      await runner.stop();
    } finally {
      client.disconnect();
      await server.stop();
      await rm(dir, { recursive: true });
    }
  });
});

describe('a Redis that forgot its last moments', () => {
  test('comes back with an older dump: what it lost is repeated in order, what it redelivers changes nothing', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'streams-redis-'));
    const own = { dir, appendonly: false, env: { ...process.env, REDIS_URL: '' } };
    let server = await startRedis(own);
    const client = new Redis(server.url, { maxRetriesPerRequest: null });
    client.on('error', () => {});
    try {
      const runner = createRunner({ redisUrl: server.url });
      await runner.start();
      await running(runner);
      await writeDeposits(client, ACCOUNTS, { from: 1, to: 50 });
      await until(
        'published',
        () => publishedDeposits(client),
        (all) => all.length === 250,
      );
      await client.save();
      await writeDeposits(client, ACCOUNTS, { from: 51, to: 100 });
      await until(
        'published',
        () => publishedDeposits(client),
        (all) => all.length === 500,
      );
      await server.kill();
      server = await startRedis({ ...own, port: Number(new URL(server.url).port) });
      expectWhole(
        await until(
          'repeated',
          () => publishedDeposits(client),
          (all) => all.length === 500,
        ),
        100,
      );
      await writeDeposits(client, ACCOUNTS, { from: 51, to: 120 });
      await until('booked', bookedCount, (count) => count >= 600);
      expectWhole(await booked(), 120);
      expectWhole(
        await until(
          'published',
          () => publishedDeposits(client),
          (all) => all.length === 600,
        ),
        120,
      );
      await runner.stop();
    } finally {
      client.disconnect();
      await server.stop();
      await rm(dir, { recursive: true });
    }
  });
});

describe('a lost Postgres', () => {
  test('connections cut under load, again and again: decided again, nothing twice', async () => {
    const runner = createRunner();
    await runner.start();
    await running(runner);
    const to = 400;
    const writing = writeDeposits(redis.client, ACCOUNTS, { from: 1, to });
    for (let round = 0; round < 5; round += 1) {
      await sleep(60);
      await database.pool.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'ledger' AND datname = current_database()",
      );
    }
    await writing;
    await until('booked', bookedCount, (count) => count >= to * ACCOUNTS.length);
    expectWhole(await booked(), to);
    expectChained(await booked());
    const published = await until(
      'published',
      () => publishedDeposits(redis.client),
      (all) => all.length === to * ACCOUNTS.length,
    );
    expectWhole(published, to);
  });

  test('a write that is never answered is settled before the next: submitted inputs keep their answer', async () => {
    const runner = createRunner();
    await runner.start();
    await running(runner);
    const submit = (n: number) =>
      runner.submit({
        id: `local-${n}`,
        type: 'deposit.made',
        key: 'a',
        ts: '2024-01-01T00:00:00Z',
        data: { n },
      });
    await submit(1);
    const answers = Promise.all([2, 3, 4].map(submit));
    await database.pool.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'ledger' AND datname = current_database()",
    );
    expect(await answers).toEqual([3, 6, 10]);
    expectWhole(await booked(), 4, ['a']);
  });
});

describe('trimming', () => {
  test('only what every group has acknowledged, and nothing when a group is missing', async () => {
    const { trimStreams } = await import('./trim.ts');
    const { ledgerCatalog } = await import('./testing/ledger.ts');
    const key = physicalKey('test.in', 0);
    const trim = (groups: string[]) =>
      trimStreams(redis.client, {
        catalog: { ...ledgerCatalog, streams: ['test.in'], groupsOf: () => groups },
        partitions: 1,
        streamRetentionMs: -1_000,
        deadLetterRetentionMs: 1_000,
      });
    for (const n of [1, 2, 3, 4])
      await redis.client.xadd(key, '*', ...depositFields('deposit.made', 'a', { n }));
    for (const group of ['one', 'two']) await redis.client.xgroup('CREATE', key, group, '0');
    expect(await trim(['one', 'two'])).toMatchObject([{ removed: 0 }]);
    const read = (group: string, count: number) =>
      redis.client.xreadgroup('GROUP', group, 'c', 'COUNT', count, 'STREAMS', key, '>') as unknown as Promise<
        [string, [string][]][]
      >;
    const one = (await read('one', 4))[0]?.[1].map(([id]) => id) ?? [];
    await redis.client.xack(key, 'one', ...one);
    await read('two', 3);
    expect(await trim(['one', 'two'])).toMatchObject([{ removed: 0 }]);
    await redis.client.xack(key, 'two', one[0] as string);
    expect(await trim(['one', 'two', 'three'])).toEqual([{ key, removed: 0, missingGroup: 'three' }]);
    expect(await trim(['one', 'two'])).toMatchObject([{ removed: 1 }]);
    await redis.client.xack(key, 'two', one[1] as string, one[2] as string);
    expect(await trim(['one', 'two'])).toMatchObject([{ removed: 2 }]);
    expect(await redis.client.xlen(key)).toBe(1);
  });
});
