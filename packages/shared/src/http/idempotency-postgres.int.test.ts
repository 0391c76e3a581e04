import { readFileSync } from 'node:fs';
import { testDatabase } from '@fleet/testkit/infrastructure';
import { beforeAll, expect, it } from 'vitest';
import { idempotencyContract } from './idempotency.contract.ts';
import { postgresIdempotencyStore } from './index.ts';

const { pool } = await testDatabase();
const SQL = new URL('../../migrations/0100_idempotency-keys.sql', import.meta.url);

beforeAll(async () => {
  const up = readFileSync(SQL, 'utf8').split('-- Down Migration')[0] ?? '';
  await pool.query(`create schema lamps; set search_path = lamps; ${up}; reset search_path`);
});

idempotencyContract('postgres', async (times) => {
  await pool.query('truncate lamps.idempotency_keys');
  return {
    store: postgresIdempotencyStore(pool, { ...times, schema: 'lamps' }),
    pass: async (ms) => {
      await pool.query(
        "update lamps.idempotency_keys set begun_at = begun_at - $1 * interval '1 millisecond'",
        [ms],
      );
    },
  };
});

it('removes old keys as new ones come', async () => {
  await pool.query('truncate lamps.idempotency_keys');
  const store = postgresIdempotencyStore(pool, { schema: 'lamps' });
  await store.begin('old', 'f');
  await pool.query("update lamps.idempotency_keys set begun_at = begun_at - interval '49 hours'");
  for (let count = 0; count < 100; count += 1) await store.begin(`new-${count}`, 'f');
  const { rows } = await pool.query("select key from lamps.idempotency_keys where key = 'old'");
  expect(rows).toEqual([]);
});

it('refuses a schema that is no plain name', () => {
  expect(() => postgresIdempotencyStore(pool, { schema: 'a; drop table b' })).toThrow(
    'not a plain lower-case name',
  );
});
