import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

export interface TestDatabase {
  /** The superuser's. */
  readonly url: string;
  readonly name: string;
  readonly pool: pg.Pool;
}

const CLOSING_TRIES = 100;
const CLOSING_WAIT_MS = 30;

/**
 * A database of this test file's own. Call it at the top of the file (`const database = await testDatabase()`): it is
 * dropped after the file's last test, and that fails when a connection other than `pool` is still open.
 */
export async function testDatabase(): Promise<TestDatabase> {
  const { afterAll, inject } = await import('vitest');
  const server = inject('databaseUrl');
  const name = `test_${process.pid}_${randomBytes(5).toString('hex')}`;
  await onServer(server, (client) => client.query(`create database ${name}`));
  const url = new URL(server);
  url.pathname = `/${name}`;
  const pool = new pg.Pool({ connectionString: url.href, application_name: 'testDatabase', max: 4 });
  pool.on('error', () => undefined); // a test may take the server away; its queries fail on their own
  const database = { url: url.href, name, pool };
  afterAll(() => dropTestDatabase(server, database));
  return database;
}

/** @throws Error naming the connections that are still open; the database is dropped all the same. */
export async function dropTestDatabase(server: string, { name, pool }: TestDatabase): Promise<void> {
  if (!pool.ended) await pool.end();
  await onServer(server, async (client) => {
    const open = await stillOpen(client, name);
    await client.query(`drop database if exists ${name} with (force)`);
    if (open.length > 0) {
      throw new Error(`${open.length} Postgres connections leaked by this file:\n  ${open.join('\n  ')}`);
    }
  });
}

/** A connection that was closed lives on in the server for a moment. */
async function stillOpen(client: pg.Client, name: string): Promise<string[]> {
  const sql =
    "select application_name || ': ' || coalesce(left(query, 80), '') as said from pg_stat_activity where datname = $1";
  for (let tries = 1; ; tries += 1) {
    const { rows } = await client.query<{ said: string }>(sql, [name]);
    if (rows.length === 0 || tries === CLOSING_TRIES) return rows.map((row) => row.said);
    await sleep(CLOSING_WAIT_MS);
  }
}

async function onServer(url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: url, application_name: 'testkit' });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
