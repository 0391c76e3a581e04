import { Redis } from 'ioredis';
import pg from 'pg';
import { describe, expect, inject, it } from 'vitest';
import { dropTestDatabase, testDatabase } from './test-database.ts';
import { releaseTestRedis, testRedis } from './test-redis.ts';

const [database, other] = [await testDatabase(), await testDatabase()];
const [redis, otherRedis] = [await testRedis(), await testRedis()];

describe('testDatabase', () => {
  it('gives each caller a database of its own', async () => {
    await database.pool.query('create table mine ()');
    const { rows } = await other.pool.query("select to_regclass('mine') as found");
    expect(rows).toEqual([{ found: null }]);
    expect(database.url).toContain(database.name);
  });

  it('fails the file that leaves a connection open, and drops its database all the same', async () => {
    const server = inject('databaseUrl');
    const name = 'test_that_leaks';
    await database.pool.query(`create database ${name}`);
    const url = new URL(server);
    url.pathname = `/${name}`;
    const pool = new pg.Pool({ connectionString: url.href });
    const leaked = new pg.Client({ connectionString: url.href, application_name: 'the leak' });
    leaked.on('error', () => undefined);
    await leaked.connect();
    await expect(dropTestDatabase(server, { url: url.href, name, pool })).rejects.toThrow(
      /1 Postgres connections leaked by this file:\s+the leak/,
    );
    const { rows } = await database.pool.query('select 1 from pg_database where datname = $1', [name]);
    expect(rows).toEqual([]);
    await leaked.end().catch(() => undefined);
  });
});

describe('testRedis', () => {
  it('gives each caller a database of its own, named by its url', async () => {
    await redis.client.set('key', 'mine');
    expect(await otherRedis.client.get('key')).toBeNull();
    const again = new Redis(redis.url);
    expect(await again.get('key')).toBe('mine');
    await again.quit();
  });

  it('fails the file that leaves a connection open', async () => {
    const db = 255; // the last one: claimed by nobody while so few files run
    const url = new URL(inject('redisUrl'));
    url.pathname = `/${db}`;
    const [keeper, client, leaked] = [
      new Redis(inject('redisUrl')),
      new Redis(url.href),
      new Redis(url.href),
    ];
    await leaked.ping();
    await expect(releaseTestRedis(keeper, { url: url.href, db, client })).rejects.toThrow(
      /1 Redis connections leaked by this file/,
    );
    await leaked.quit();
  });
});
