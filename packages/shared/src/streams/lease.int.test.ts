import { testDatabase } from '@fleet/testkit/infrastructure';
import { afterAll, afterEach, expect, test } from 'vitest';
import { Lease } from './lease.ts';
import { commitStatement } from './statement.ts';
import { RUN } from './testing/ledger.ts';
import { ledgerSchema } from './testing/schema.ts';
import { until } from './testing/until.ts';

const database = await testDatabase();
const { pool } = await ledgerSchema(database.url);
const leases: Lease[] = [];
let now = 0;

function lease(holder: string, leaseMs = 60_000): Lease {
  const clock = { wall: () => 0, monotonic: () => now };
  const created = new Lease({ pool, schema: 'ledger', partition: 0, run: RUN, holder, leaseMs, clock });
  leases.push(created);
  return created;
}

async function write(by: Lease, eventId: string): Promise<number> {
  const statement = commitStatement({
    schema: 'ledger',
    partition: 0,
    run: RUN,
    epoch: by.epoch,
    grp: 'ledger',
    inbox: [eventId],
    outbox: [],
    writes: [],
    parked: [],
    unparked: [],
    published: null,
  });
  const { rows } = await by.query<{ held: number }>(statement);
  return rows[0]?.held ?? -1;
}

afterEach(async () => {
  for (const each of leases.splice(0)) each.close();
  await database.pool.query('TRUNCATE ledger.leases, ledger.inbox');
});
afterAll(() => pool.end());

test('one holder at a time; released, the next has it at once under a higher epoch', async () => {
  const [first, second] = [lease('first'), lease('second')];
  expect(await first.acquire()).toBe(true);
  expect(await second.acquire()).toBe(false);
  expect(await first.renew()).toBe(true);
  await first.release();
  expect(first.holds()).toBe(false);
  expect(await second.acquire()).toBe(true);
  expect(second.epoch).toBe(first.epoch + 1);
});

test('an expired lease is taken over; the old holder can neither renew nor write', async () => {
  const [old, next] = [lease('old', 30), lease('next')];
  await old.acquire();
  await until(
    'expired',
    () => next.acquire(),
    (taken) => taken,
  );
  expect(await old.renew()).toBe(false);
  expect(await write(old, 'e1')).toBe(0);
  expect(await write(next, 'e2')).toBe(1);
  const { rows } = await pool.query('SELECT event_id FROM ledger.inbox');
  expect(rows).toEqual([{ event_id: 'e2' }]);
});

test('a fence shuts out the own earlier writes, and is waited for by what it races', async () => {
  const holder = lease('holder');
  await holder.acquire();
  const before = holder.epoch;
  const [renewed, fenced, again] = await Promise.all([holder.renew(), holder.fence(), holder.renew()]);
  expect([renewed, fenced, again]).toEqual([true, true, true]);
  expect(holder.epoch).toBe(before + 1);
});

test('what the holder believes ends by its own clock, counted from before the request', async () => {
  const holder = lease('holder', 1_000);
  await holder.acquire();
  expect(holder.remainingMs()).toBe(1_000);
  now += 999;
  expect(holder.holds()).toBe(true);
  now += 1;
  expect(holder.holds()).toBe(false);
  expect(await holder.renew()).toBe(true);
  expect(holder.holds()).toBe(true);
});

test('a cut connection is replaced', async () => {
  const holder = lease('holder');
  await holder.acquire();
  await database.pool.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'ledger' AND datname = current_database()",
  );
  await until(
    'again',
    () => holder.renew().catch(() => false),
    (held) => held,
  );
});
