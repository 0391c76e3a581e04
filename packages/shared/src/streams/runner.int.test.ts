import { testDatabase, testRedis } from '@fleet/testkit/infrastructure';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { redisStreamAdmin } from './admin.ts';
import { physicalKey } from './keys.ts';
import { PartitionRunner } from './runner.ts';
import {
  bookedEffects,
  depositFields,
  ledgerCatalog,
  publishedDeposits,
  RUN,
  writeDeposits,
} from './testing/ledger.ts';
import { type LedgerRunnerOptions, ledgerOptions } from './testing/options.ts';
import { ledgerSchema } from './testing/schema.ts';
import { until } from './testing/until.ts';

const database = await testDatabase();
const redis = await testRedis();
const { pool } = await ledgerSchema(database.url);
const runners: PartitionRunner<never>[] = [];

function createRunner(options: Partial<LedgerRunnerOptions> = {}) {
  const runner = new PartitionRunner(ledgerOptions({ pool, redisUrl: redis.url, ...options }));
  runners.push(runner as never);
  return runner;
}

async function startRunner(options: Partial<LedgerRunnerOptions> = {}) {
  const runner = createRunner(options);
  await runner.start();
  await until(
    'running',
    () => runner.status(),
    ({ mode, leader }) => mode === 'running' && leader,
  );
  return runner;
}

const booked = () => bookedEffects(pool, 'ledger');
const pendingCount = async () =>
  Number((await redis.client.xpending(physicalKey('test.in', 0), 'ledger'))[0]);

afterEach(async () => {
  await Promise.all(runners.splice(0).map((runner) => runner.stop()));
  await redis.client.flushdb();
  await database.pool.query(
    'TRUNCATE ledger.inbox, ledger.outbox, ledger.parked, ledger.accounts, ledger.effects, ledger.prices, ledger.kit_settings',
  );
});
afterAll(() => pool.end());

describe('one runner', () => {
  test('books every entry once, in order, publishes, acknowledges and marks', async () => {
    const runner = await startRunner();
    await writeDeposits(redis.client, ['a', 'b', 'c'], { from: 1, to: 200 });
    const effects = await until('booked', booked, (rows) => rows.length === 600);
    expect(effects.every(({ n, last }) => last === n - 1)).toBe(true);
    await until(
      'published',
      () => publishedDeposits(redis.client),
      (all) => all.length === 600,
    );
    await until('acknowledged', pendingCount, (count) => count === 0);
    await until(
      'marked',
      async () => (await pool.query('SELECT 1 FROM ledger.outbox WHERE published_at IS NULL')).rowCount,
      (count) => count === 0,
    );
    expect(runner.view((state) => state.accounts.get('a'))).toEqual({ last: 200, total: 20_100 });
  });

  test('an id that was applied changes nothing and is acknowledged', async () => {
    await startRunner();
    await writeDeposits(redis.client, ['a'], { from: 1, to: 10 });
    await until('booked', booked, (rows) => rows.length === 10);
    await writeDeposits(redis.client, ['a'], { from: 1, to: 11 });
    await until('booked', booked, (rows) => rows.length === 11);
    await until('acknowledged', pendingCount, (count) => count === 0);
    expect((await booked()).map(({ n }) => n)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });

  test('an applied id that memory has forgotten is caught by the inbox, and the batch decided again', async () => {
    const first = await startRunner();
    await writeDeposits(redis.client, ['a'], { from: 1, to: 10 });
    await until('booked', booked, (rows) => rows.length === 10);
    await first.stop();
    await startRunner();
    // One read brings them behind a new one, after the reader has caught up: nothing looks them up beforehand.
    await redis.client.xadd(physicalKey('test.in', 0), '*', ...depositFields('deposit.made', 'a', { n: 11 }));
    await until('booked', booked, (rows) => rows.length === 11);
    await writeDeposits(redis.client, ['a'], { from: 1, to: 12 });
    const effects = await until('booked', booked, (rows) => rows.length === 12);
    expect(effects.map(({ n }) => n)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  });

  test('entries of another run and unhandled types are acknowledged without effect', async () => {
    await startRunner();
    const key = physicalKey('test.in', 0);
    await redis.client.xadd(key, '*', ...depositFields('deposit.made', 'a', { n: 1 }, 'another-run'));
    await redis.client.xadd(key, '*', ...depositFields('deposit.unheard', 'a', { n: 1 }));
    await writeDeposits(redis.client, ['a'], { from: 1, to: 1 });
    await until('booked', booked, (rows) => rows.length === 1);
    await until('acknowledged', pendingCount, (count) => count === 0);
    expect((await pool.query('SELECT 1 FROM ledger.parked')).rowCount).toBe(0);
  });

  test('a submitted input is answered after its commit, once', async () => {
    const runner = await startRunner();
    const input = {
      id: 'local-1',
      type: 'deposit.made',
      key: 'a',
      ts: '2024-01-01T00:00:00.000Z',
      data: { n: 1 },
    };
    const answers = await Promise.all([runner.submit(input), runner.submit(input)]);
    expect(answers).toEqual([1, 1]);
    expect(await runner.submit(input)).toBeUndefined();
    expect(await booked()).toHaveLength(1);
  });

  test('a waiting entry holds its stream, not the others, and goes on when the other stream has come', async () => {
    const runner = await startRunner({ lockstep: true });
    const key = physicalKey('test.in', 0);
    await redis.client.xadd(key, '*', ...depositFields('deposit.made', 'a', { n: 1, afterPrice: 5 }));
    await redis.client.xadd(key, '*', ...depositFields('deposit.made', 'b', { n: 1 }));
    await until(
      'blocked',
      () => runner.status().streams[key]?.blockedFor,
      (reason) => reason === 'price 5',
    );
    expect(await booked()).toHaveLength(0);
    await redis.client.xadd(
      physicalKey('test.prices', 0),
      '*',
      ...depositFields('price.seen', 'x', { n: 5 }),
    );
    const effects = await until('booked', booked, (rows) => rows.length === 2);
    expect(effects.map(({ account }) => account)).toEqual(['a', 'b']);
    expect(runner.status().streams[key]?.blockedFor).toBeNull();
  });

  test('after joinWaitMs the entry is decided with waitExpired', async () => {
    await startRunner({ joinWaitMs: 100 });
    const fields = depositFields('deposit.made', 'a', { n: 1, afterPrice: 5 });
    await redis.client.xadd(physicalKey('test.in', 0), '*', ...fields);
    await until('booked', booked, (rows) => rows.length === 1);
  });
});

describe('failing entries', () => {
  test.each(['refuse', 'throw'])(
    '%s: parked after maxFailures, its key held, requeued in order',
    async (fault) => {
      const faults = new Set([fault]);
      const runner = await startRunner({ hooks: { faults }, maxFailures: 3 });
      const key = physicalKey('test.in', 0);
      await redis.client.xadd(key, '*', ...depositFields('deposit.made', 'a', { n: 1, fault }));
      for (const n of [2, 3]) await redis.client.xadd(key, '*', ...depositFields('deposit.made', 'a', { n }));
      await writeDeposits(redis.client, ['b'], { from: 1, to: 3 });
      await until('others booked', booked, (rows) => rows.length === 3);
      const parked = await until(
        'parked',
        () => runner.parked(),
        (rows) => rows.length === 3,
      );
      expect(parked.map(({ code, attempts }) => [code, attempts])).toEqual([
        ['Error', 3],
        ['KEY_HELD', 0],
        ['KEY_HELD', 0],
      ]);
      await until(
        'held',
        () => runner.status().parkedKeys,
        (keys) => keys.join() === 'a',
      );
      await until('acknowledged', pendingCount, (count) => count === 0);

      const admin = redisStreamAdmin(redis.client, ledgerCatalog);
      const letters = await until(
        'dead letters',
        () => admin.dlqList('test.in'),
        (all) => all.length === 3,
      );
      const [first] = letters.toReversed();
      expect(first).toMatchObject({ stream: 'test.in', group: 'ledger', key: 'a', attempts: 3, run: RUN });
      expect(first?.payload).toEqual(depositFields('deposit.made', 'a', { n: 1, fault }));

      faults.clear();
      await admin.requestRequeue(first?.id ?? '');
      const effects = await until('requeued', booked, (rows) => rows.length === 6);
      expect(effects.slice(3).map(({ account, n, last }) => [account, n, last])).toEqual([
        ['a', 1, 0],
        ['a', 2, 1],
        ['a', 3, 2],
      ]);
      await until(
        'released',
        () => runner.status().parkedKeys,
        (keys) => keys.length === 0,
      );
      await writeDeposits(redis.client, ['a'], { from: 1, to: 4 });
      await until('goes on', booked, (rows) => rows.length === 7);
    },
  );

  test('a forged dead letter is listed as such, is not requeued, and holds no other up', async () => {
    const faults = new Set(['refuse']);
    await startRunner({ hooks: { faults }, maxFailures: 1 });
    const deposit = depositFields('deposit.made', 'a', { n: 1, fault: 'refuse' });
    await redis.client.xadd(physicalKey('test.in', 0), '*', ...deposit);
    const admin = redisStreamAdmin(redis.client, ledgerCatalog);
    const list = () => admin.dlqList('test.in');
    const [genuine] = await until('a dead letter', list, (all) => all.length === 1);
    const dead = physicalKey('test.in.dlq', 0);
    const [[, fields] = ['', []]] = await redis.client.xrange(dead, '-', '+');
    const forged = (change: Record<string, string>) =>
      fields.map((value, i) => (i % 2 === 1 ? (change[fields[i - 1] ?? ''] ?? value) : value));
    const forgeries = [
      ...[{ payload: 'notjson' }, { payload: '{}' }, { payload: '[1]' }, { payload: '' }, { partition: '1' }],
      ...[
        { partition: 'x' },
        { attempts: '-1' },
        { at: 'now' },
        { stream: 'test.out' },
        { group: 'stranger' },
      ],
      ...[{ group: '' }, { code: 'LETTER_UNREADABLE' }, { key: 'k'.repeat(1_001) }],
    ].map(forged);
    for (const letter of [...forgeries, ['a', 'b']]) await redis.client.xadd(dead, '*', ...letter);
    await redis.client.xadd(dead, '9007199254740993-1', 'its', 'time');

    const listed = await list();
    expect(listed).toHaveLength(forgeries.length + 3);
    expect(listed.at(-1)).toEqual(genuine);
    for (const { id, code, error, partition, key, group } of listed.slice(0, -1)) {
      expect({ code, partition, key, group }).toEqual({
        ...{ code: 'LETTER_UNREADABLE', partition: 0, key: '', group: '' },
      });
      expect(error).not.toBe('');
      await expect(admin.requestRequeue(id)).rejects.toMatchObject({ code: 'LETTER_UNREADABLE' });
    }
    expect(await redis.client.xlen(physicalKey('fleet.control', 0))).toBe(0);
    faults.clear();
    await admin.requestRequeue(genuine?.id ?? '');
    await until('requeued', booked, (rows) => rows.length === 1);
  });

  test('what cannot be parsed is parked at once; a drop releases the key and the letter stays dead', async () => {
    const runner = await startRunner();
    const key = physicalKey('test.in', 0);
    const bad = depositFields('deposit.made', 'a', { n: 'one' } as never);
    await redis.client.xadd(key, '*', ...bad);
    await redis.client.xadd(key, '*', 'no', 'envelope');
    await until(
      'parked',
      () => runner.parked(),
      (rows) => rows.length === 2,
    );
    expect(await runner.drop('a')).toBe(1);
    await redis.client.xadd(key, '*', ...bad);
    await redis.client.xadd(key, '*', ...depositFields('deposit.made', 'a', { n: 1 }));
    await until('goes on', booked, (rows) => rows.length === 1);
    expect((await runner.parked()).map((row) => row.key)).toEqual(['']);
    await expect(runner.requeue((await runner.parked())[0]?.event_id ?? '')).rejects.toThrow('no field');
    await expect(runner.requeue('nothing')).rejects.toMatchObject({ code: 'NOTHING_PARKED' });
  });

  test('rows that Postgres refuses are found one by one and parked', async () => {
    const runner = await startRunner({ maxFailures: 2 });
    await redis.client
      .pipeline()
      .xadd(physicalKey('test.in', 0), '*', ...depositFields('deposit.made', 'a', { n: 1 }))
      .xadd(physicalKey('test.in', 0), '*', ...depositFields('deposit.made', 'b', { n: 9_000_000_000 }))
      .xadd(physicalKey('test.in', 0), '*', ...depositFields('deposit.made', 'c', { n: 1 }))
      .exec();
    const effects = await until('others booked', booked, (rows) => rows.length === 2);
    expect(effects.map(({ account }) => account)).toEqual(['a', 'c']);
    const parked = await until(
      'parked',
      () => runner.parked(),
      (rows) => rows.length === 1,
    );
    expect(parked[0]).toMatchObject({ key: 'b', code: '22003', attempts: 2 });
  });
});

describe('wiring', () => {
  test('a handled type without its stream refuses to start, every fault named', () => {
    const wrong = { handles: ['deposit.booked', 'nothing.known'], inboxRetentionMs: 1 };
    expect(() => createRunner(wrong)).toThrow(/inboxRetentionMs.*deposit.booked.*nothing.known/s);
  });

  test('another partition count starts only when everything is drained', async () => {
    const runner = await startRunner({
      hooks: { faults: new Set(['refuse']) },
      backoff: { baseMs: 60_000, maxMs: 60_000 },
    });
    await redis.client.xadd(
      physicalKey('test.in', 0),
      '*',
      ...depositFields('deposit.made', 'a', { n: 1, fault: 'refuse' }),
    );
    await until('read', pendingCount, (count) => count === 1);
    await runner.stop();
    await expect(createRunner({ partitions: 2 }).start()).rejects.toMatchObject({
      code: 'PARTITION_COUNT_CHANGED',
      message: expect.stringContaining('test.in:{0} (ledger): lag 0, pending 1'),
    });
    await startRunner();
    await until('drained', pendingCount, (count) => count === 0);
    await Promise.all(runners.splice(0).map((each) => each.stop()));
    await startRunner({ partitions: 2 });
  });
});
