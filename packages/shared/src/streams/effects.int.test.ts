import { testDatabase, testRedis } from '@fleet/testkit/infrastructure';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { partitionOf, physicalKey } from './keys.ts';
import type { Processor, RunnerControl } from './processor.ts';
import { prune } from './retention.ts';
import { PartitionRunner } from './runner.ts';
import {
  bookedEffects,
  depositFields,
  type LedgerState,
  ledgerProcessor,
  writeDeposits,
} from './testing/ledger.ts';
import { type LedgerRunnerOptions, ledgerOptions } from './testing/options.ts';
import { ledgerSchema } from './testing/schema.ts';
import { until } from './testing/until.ts';

const database = await testDatabase();
const redis = await testRedis();
const { pool } = await ledgerSchema(database.url);
const runners: PartitionRunner<LedgerState>[] = [];

function createRunner(options: Partial<LedgerRunnerOptions> = {}) {
  const runner = new PartitionRunner(ledgerOptions({ pool, redisUrl: redis.url, ...options }));
  runners.push(runner);
  return runner;
}

async function running(runner: PartitionRunner<LedgerState>) {
  await until(
    'running',
    () => runner.status(),
    ({ mode, leader }) => mode === 'running' && leader,
  );
}

const booked = () => bookedEffects(database.pool, 'ledger');
const cutConnections = () =>
  database.pool.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'ledger' AND datname = current_database()",
  );

afterEach(async () => {
  await Promise.all(runners.splice(0).map((runner) => runner.stop()));
  await redis.client.flushdb();
  await database.pool.query(
    'TRUNCATE ledger.inbox, ledger.outbox, ledger.parked, ledger.accounts, ledger.effects, ledger.prices, ledger.kit_settings',
  );
});
afterAll(() => pool.end());

function recording(
  told: string[],
  onLease?: (control: RunnerControl) => Promise<void>,
): Processor<LedgerState> {
  return {
    ...ledgerProcessor('ledger'),
    onLease: async (_, control) => {
      told.push('lease');
      await onLease?.(control);
    },
    afterCommit: (effects) => {
      for (const effect of effects) told.push(`effect ${(effect as { n: number }).n}`);
    },
    onLost: () => told.push('lost'),
  };
}

const local = (n: number) => ({
  id: `local-${n}`,
  type: 'deposit.made',
  key: 'a',
  ts: '2024-01-01T00:00:00.000Z',
  data: { n },
});

describe('effects and leases', () => {
  test('onLease settles by submitting before any stream is read; effects follow their commits in order', async () => {
    const told: string[] = [];
    await writeDeposits(redis.client, ['a'], { from: 3, to: 5 });
    const settle = async (control: RunnerControl) => {
      expect(control.holdsLease()).toBe(true);
      expect(await control.submit(local(1))).toBe(1);
      expect(await control.submit(local(2))).toBe(3);
      expect((control.state() as LedgerState).accounts.get('a')?.last).toBe(2);
    };
    const runner = createRunner({ processor: recording(told, settle) });
    await runner.start();
    await until(
      'all',
      () => told.length,
      (length) => length === 6,
    );
    expect(told).toEqual(['lease', 'effect 1', 'effect 2', 'effect 3', 'effect 4', 'effect 5']);
    await runner.stop();
    expect(told.at(-1)).toBe('lost');
  });

  test('connections cut while settling: what was submitted is settled once, then onLease runs again', async () => {
    const told: string[] = [];
    const settle = async (control: RunnerControl) => {
      const first = control.submit(local(1));
      await cutConnections();
      await first;
      await control.submit(local(2));
    };
    const runner = createRunner({ processor: recording(told, settle) });
    await runner.start();
    await running(runner);
    expect((await booked()).map(({ n }) => n)).toEqual([1, 2]);
    const leases = told.filter((word) => word === 'lease').length;
    expect(told.filter((word) => word === 'lost')).toHaveLength(leases - 1);
  });

  test('a failed write throws the state away: onLost, then onLease before anything more is read', async () => {
    const told: string[] = [];
    const runner = createRunner({ processor: recording(told) });
    await runner.start();
    await running(runner);
    await cutConnections();
    await until(
      'decided again',
      () => runner.submit(local(1)).catch(() => 'again'),
      (answer) => answer === 1 || answer === undefined,
    );
    await until(
      'running',
      () => runner.status().mode,
      (mode) => mode === 'running',
    );
    expect((await booked()).map(({ n }) => n)).toEqual([1]);
    expect(told.filter((word) => word === 'lease').length).toBe(
      told.filter((word) => word === 'lost').length + 1,
    );
  });

  test('an error of class crash ends the loop and is handed on', async () => {
    const crashes: Error[] = [];
    const processor: Processor<LedgerState> = {
      ...ledgerProcessor('ledger'),
      rows: () => [{ table: 'ledger.missing', key: ['id'], rows: [{ id: 1 }] }],
    };
    const runner = createRunner({ processor, onCrash: (error) => crashes.push(error) });
    await runner.start();
    await running(runner);
    await expect(runner.submit(local(1))).rejects.toMatchObject({ code: 'NOT_LEADER' });
    expect(crashes).toMatchObject([{ code: '42P01' }]);
  });
});

describe('partitions', () => {
  test('each account partition is booked by its owner, and each owner reads every price', async () => {
    const accounts = ['a', 'b', 'c', 'd', 'e', 'f'];
    const first = createRunner({ partitions: 2, partition: 0, lockstep: true });
    const second = createRunner({ partitions: 2, partition: 1, lockstep: true });
    await Promise.all([first.start(), second.start()]);
    await Promise.all([running(first), running(second)]);
    for (const account of accounts) {
      const key = physicalKey('test.in', partitionOf(account, 2));
      await redis.client.xadd(key, '*', ...depositFields('deposit.made', account, { n: 1, afterPrice: 2 }));
    }
    for (const [partition, n] of [
      [0, 1],
      [1, 2],
    ] as const) {
      const fields = depositFields('price.seen', 'x', { n });
      await redis.client.xadd(physicalKey('test.prices', partition), '*', ...fields);
    }
    await until('booked', booked, (rows) => rows.length === accounts.length);
    for (const [partition, runner] of [first, second].entries()) {
      const own = accounts.filter((account) => partitionOf(account, 2) === partition);
      expect(own.length).toBeGreaterThan(0);
      expect(runner.view((state) => [...state.accounts.keys()].toSorted())).toEqual(own);
      const groups = (await redis.client.xinfo(
        'GROUPS',
        physicalKey('test.prices', partition),
      )) as string[][];
      expect(groups.map((group) => group[1]).toSorted()).toEqual(['ledger.0', 'ledger.1']);
    }
  });
});

describe('retention', () => {
  test('old rows go; the last of the outbox stays, so that seq goes on', async () => {
    const runner = createRunner();
    await runner.start();
    await running(runner);
    await writeDeposits(redis.client, ['a'], { from: 1, to: 5 });
    await until('booked', booked, (rows) => rows.length === 5);
    await runner.stop();
    const retention = { schema: 'ledger', outboxRetentionMs: -1_000, inboxRetentionMs: 60_000 };
    expect(await prune(pool, retention)).toEqual({ outbox: 4, inbox: 0 });
    expect(await prune(pool, { ...retention, inboxRetentionMs: -1_000 })).toEqual({ outbox: 0, inbox: 5 });
    const next = createRunner();
    await next.start();
    await running(next);
    await writeDeposits(redis.client, ['a'], { from: 6, to: 6 });
    const seqs = async () => (await pool.query('SELECT seq FROM ledger.outbox ORDER BY seq')).rows;
    await until('booked', seqs, (rows) => rows.length === 2);
    expect(await seqs()).toEqual([{ seq: '5' }, { seq: '6' }]);
  });
});
