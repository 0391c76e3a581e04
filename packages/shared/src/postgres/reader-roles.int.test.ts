import { testDatabase } from '@fleet/testkit/infrastructure';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ensureBackupRole, ensureMonitorRole } from './index.ts';

const database = await testDatabase();
const names = { backup: `${database.name}_backup`, monitor: `${database.name}_monitor` };
const urlOf = (name: string, password: string): string => {
  const url = new URL(database.url);
  url.username = name;
  url.password = password;
  return url.href;
};

beforeAll(() => database.pool.query('CREATE TABLE books (entry int); INSERT INTO books VALUES (7)'));
afterAll(async () => {
  for (const name of Object.values(names)) {
    await database.pool.query(`DROP OWNED BY ${name}`);
    await database.pool.query(`DROP ROLE ${name}`);
  }
});

async function as<Row extends pg.QueryResultRow>(url: string, statement: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(statement)).rows;
  } finally {
    await client.end();
  }
}

describe('the role of the backup', () => {
  test('reads every table, copies the cluster, and changes nothing', async () => {
    const url = urlOf(names.backup, "pass'word");
    await ensureBackupRole(database.url, url);
    expect(await as(url, 'SELECT entry FROM books')).toEqual([{ entry: 7 }]);
    for (const statement of [
      'INSERT INTO books VALUES (8)',
      'DELETE FROM books',
      'CREATE TABLE mine (i int)',
      'CREATE ROLE another',
    ])
      await expect(as(url, statement)).rejects.toThrow(/permission denied/);
    const { rows } = await database.pool.query(
      'SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication FROM pg_roles WHERE rolname = $1',
      [names.backup],
    );
    expect(rows).toEqual([
      { rolsuper: false, rolcreaterole: false, rolcreatedb: false, rolreplication: true },
    ]);
  });

  test('made again it has the new password and no other', async () => {
    await ensureBackupRole(database.url, urlOf(names.backup, 'another-password'));
    expect(await as(urlOf(names.backup, 'another-password'), 'SELECT entry FROM books')).toHaveLength(1);
    await expect(as(urlOf(names.backup, "pass'word"), 'SELECT 1')).rejects.toThrow(
      /password authentication failed/,
    );
  });
});

describe('the role of the exporter', () => {
  test('reads figures, no table, and copies nothing', async () => {
    const url = urlOf(names.monitor, 'figures-only');
    await ensureMonitorRole(database.url, url);
    await expect(as(url, 'SELECT entry FROM books')).rejects.toThrow(/permission denied/);
    expect(await as(url, 'SELECT count(*) >= 0 AS seen FROM pg_stat_replication')).toEqual([{ seen: true }]);
    const { rows } = await database.pool.query('SELECT rolreplication FROM pg_roles WHERE rolname = $1', [
      names.monitor,
    ]);
    expect(rows).toEqual([{ rolreplication: false }]);
  });
});
