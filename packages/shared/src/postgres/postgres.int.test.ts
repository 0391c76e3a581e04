import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testDatabase } from '@fleet/testkit/infrastructure';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { closeOtherDatabases, createPool, migrate, postgresFailure, transaction } from './index.ts';

const database = await testDatabase();
const role = `orders_${database.name}`;
let dir = '';

const options = () => ({
  adminUrl: database.url,
  schema: 'orders',
  role,
  rolePassword: "pass'word",
  dirs: [dir],
});

function ownPool() {
  const url = new URL(database.url);
  return createPool({
    host: url.hostname,
    port: Number(url.port),
    database: url.pathname.slice(1),
    user: role,
    password: "pass'word",
    applicationName: 'orders',
  });
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'migrations-'));
  await writeFile(
    join(dir, '1001_orders.sql'),
    'CREATE TABLE orders (id int PRIMARY KEY, total numeric, seq bigint, day date, parts numeric[]);',
  );
});
afterAll(async () => {
  await rm(dir, { recursive: true });
  await database.pool.query(`DROP OWNED BY ${role}`);
  await database.pool.query(`DROP ROLE ${role}`);
});

describe('migrate', () => {
  test('several processes at once: each migration is applied once', async () => {
    const applied = await Promise.all([migrate(options()), migrate(options()), migrate(options())]);
    const names = applied.flat().toSorted();
    expect(names).toEqual([...new Set(names)]);
    expect(names).toEqual(expect.arrayContaining(['0001_stream-kit', '1001_orders']));
    expect(await migrate(options())).toEqual([]);
  });

  test('a later file is applied, the earlier ones are not run again', async () => {
    await writeFile(join(dir, '1002_more.sql'), 'CREATE TABLE more (id int PRIMARY KEY);');
    expect(await migrate(options())).toEqual(['1002_more']);
  });

  test('a faulty file changes nothing', async () => {
    const file = join(dir, '1003_bad.sql');
    await writeFile(file, 'CREATE TABLE half (id int); SELECT nothing FROM nowhere;');
    await expect(migrate(options())).rejects.toThrow('nowhere');
    await rm(file);
    const { rows } = await database.pool.query("SELECT to_regclass('orders.half') AS half");
    expect(rows[0]).toEqual({ half: null });
  });

  test('the role reads and writes its own schema and nothing else', async () => {
    const pool = ownPool();
    try {
      await pool.query('INSERT INTO orders (id, total) VALUES (1, 1)');
      await pool.query(
        "INSERT INTO outbox (run, partition, seq, event_id, stream, target, fields) VALUES ('r', 0, 1, 'e', 's', 0, '[]')",
      );
      for (const statement of [
        'CREATE TABLE own (id int)',
        'CREATE TEMPORARY TABLE own (id int)',
        'DROP TABLE orders',
        'TRUNCATE orders',
        "INSERT INTO migrations (name, run_on) VALUES ('x', now())",
        'CREATE SCHEMA another',
        // A lock stops every migration, a large object fills the disk.
        'SELECT pg_advisory_lock(742390115)',
        'SELECT pg_try_advisory_xact_lock(1, 2)',
        'SELECT lo_create(0)',
        "SELECT lo_from_bytea(0, 'x')",
        'SELECT lo_creat(-1)',
      ]) {
        const error: unknown = await pool.query(statement).catch((refused: unknown) => refused);
        expect([statement, postgresFailure(error)]).toEqual([statement, 'setup']);
      }
    } finally {
      await pool.end();
    }
  });

  test('a login has as many connections as it may and no more', async () => {
    await migrate({ ...options(), connectionLimit: 2 });
    const [one, two, three] = [ownPool(), ownPool(), ownPool()];
    try {
      await Promise.all([one.query('SELECT 1'), two.query('SELECT 1')]);
      await expect(three.query('SELECT 1')).rejects.toMatchObject({ code: '53300' });
    } finally {
      await Promise.all([one, two, three].map((pool) => pool.end()));
      await migrate(options());
    }
  });

  test.each([
    ['the lock of the migrations', 'SELECT pg_advisory_lock(742390115)'],
    ['a table of the schema', 'LOCK TABLE orders.orders IN ACCESS EXCLUSIVE MODE'],
  ])('who holds %s for long is named', async (_what, statement) => {
    const holder = await database.pool.connect();
    const file = join(dir, '1004_wide.sql');
    await writeFile(file, 'ALTER TABLE orders ADD COLUMN wide int;');
    try {
      await holder.query(`BEGIN; SET application_name = 'dawdler'; ${statement};`);
      const refused = migrate({ ...options(), lockTimeoutMs: 200 });
      await expect(refused).rejects.toMatchObject({
        code: 'MIGRATION_REFUSED',
        message: expect.stringMatching(/role \w+, program "dawdler".* pg_terminate_backend\(\d+\)/),
      });
    } finally {
      await rm(file);
      await holder.query('ROLLBACK; RESET application_name; SELECT pg_advisory_unlock_all()');
      holder.release();
    }
    expect(await migrate(options())).toEqual([]);
  });

  test('the databases beside ours are shut to services', async () => {
    await migrate(options());
    await closeOtherDatabases(database.url);
    const url = new URL(database.url);
    const refused = async (name: string) => {
      const pool = createPool({
        ...{ host: url.hostname, port: Number(url.port), database: name, applicationName: 'orders' },
        ...{ user: role, password: "pass'word" },
      });
      const error: unknown = await pool.query('CREATE TEMPORARY TABLE own (id int)').catch((e: unknown) => e);
      await pool.end();
      return (error as { message?: string }).message;
    };
    expect(await refused('postgres')).toMatch(/permission denied for database "postgres"/);
    expect(await refused('template1')).toMatch(/permission denied for database "template1"/);
  });

  describe('with two logins in turn', () => {
    const logins = (a: string | null, b: string | null) => ({
      ...{ adminUrl: database.url, schema: 'orders', role, dirs: [dir] },
      logins: [
        { name: `${role}_a`, password: a },
        { name: `${role}_b`, password: b },
      ],
    });
    const poolOf = (login: 'a' | 'b', password: string) => {
      const url = new URL(database.url);
      url.username = `${role}_${login}`;
      url.password = password;
      return createPool({ connectionString: url.href, applicationName: 'orders' });
    };
    const failureOf = async (pool: pg.Pool, statement = 'SELECT count(*) FROM orders') =>
      postgresFailure(await pool.query(statement).catch((refused: unknown) => refused));
    afterAll(async () => {
      await database.pool.query(`DROP ROLE IF EXISTS ${role}_a, ${role}_b`);
      await migrate(options());
    });

    test('both read and write the schema, neither changes it or sees another', async () => {
      await migrate(logins('first', 'second'));
      await database.pool.query('CREATE SCHEMA IF NOT EXISTS foreigner');
      await database.pool.query('CREATE TABLE IF NOT EXISTS foreigner.secret (id int)');
      for (const pool of [poolOf('a', 'first'), poolOf('b', 'second')]) {
        await pool.query('INSERT INTO orders (id) VALUES (500)');
        await pool.query('DELETE FROM orders WHERE id = 500');
        for (const statement of [
          'CREATE TABLE own (id int)',
          'CREATE TABLE orders.own (id int)',
          'CREATE TABLE public.own (id int)',
          'ALTER TABLE orders ADD COLUMN x int',
          'DROP TABLE orders',
          'SELECT * FROM foreigner.secret',
          'CREATE ROLE friend',
        ])
          expect([statement, await failureOf(pool, statement)]).toEqual([statement, 'setup']);
        await pool.end();
      }
    });

    test('the role itself no longer comes in, with the password that it had', async () => {
      await migrate(options());
      const before = ownPool();
      expect((await before.query('SELECT 1')).rowCount).toBe(1);
      await before.end();
      await migrate(logins('first', null));
      const after = ownPool();
      await expect(after.query('SELECT 1')).rejects.toThrow(
        /not permitted to log in|password authentication/,
      );
      await after.end();
    });

    test('one that is taken out of use is put out, while the other goes on', async () => {
      await migrate(logins('first', 'second'));
      const [old, next] = [poolOf('a', 'first'), poolOf('b', 'second')];
      old.on('error', () => undefined);
      const ended = new Promise((resolve) => old.once('error', resolve));
      await Promise.all([old.query('SELECT 1'), next.query('SELECT 1')]);
      await migrate(logins(null, 'second'));
      await ended;
      await expect(old.query('SELECT 1')).rejects.toThrow(/not permitted to log in|password authentication/);
      expect((await next.query('SELECT count(*) FROM orders')).rowCount).toBe(1);
      await Promise.all([old.end(), next.end()]);
    });

    test('a login that never had a password is not made', async () => {
      await database.pool.query(`DROP ROLE ${role}_a`);
      await migrate(logins(null, 'second'));
      const { rows } = await database.pool.query('SELECT rolname FROM pg_roles WHERE rolname LIKE $1', [
        `${role}\\__`,
      ]);
      expect(rows).toEqual([{ rolname: `${role}_b` }]);
    });

    test('a password beside logins is refused', async () => {
      await expect(migrate({ ...options(), logins: [] })).rejects.toThrow('either a password or logins');
    });
  });

  test.each([
    [{ schema: 'Orders"; --' }, /schema .* lower-case/],
    [{ role: '' }, /role/],
  ])('names are checked: %o', async (wrong, message) => {
    await expect(migrate({ ...options(), ...wrong })).rejects.toThrow(message);
  });

  test('two files of one name in two folders are refused', async () => {
    await expect(migrate({ ...options(), dirs: [dir, dir] })).rejects.toMatchObject({
      code: 'MIGRATION_REFUSED',
    });
  });
});

describe('createPool', () => {
  test('no number passes through a float', async () => {
    const pool = ownPool();
    try {
      await pool.query("INSERT INTO orders VALUES (7, '0.10', 9007199254740993, '2024-02-29', '{1.10,2}')");
      const { rows } = await pool.query('SELECT * FROM orders WHERE id = 7');
      expect(rows[0]).toEqual({
        id: 7,
        total: '0.10',
        seq: '9007199254740993',
        day: '2024-02-29',
        parts: ['1.10', '2'],
      });
    } finally {
      await pool.end();
    }
  });

  test('an unreachable server is told apart', async () => {
    const pool = createPool({ connectionString: 'postgres://x:y@127.0.0.1:1/z', applicationName: 'nobody' });
    const error: unknown = await pool.query('SELECT 1').catch((refused: unknown) => refused);
    expect(postgresFailure(error)).toBe('unreachable');
    await pool.end();
  });
});

describe('transaction', () => {
  const failOnce = (code: string) => {
    let runs = 0;
    return async (client: pg.PoolClient) => {
      runs += 1;
      await client.query('INSERT INTO orders.orders (id) VALUES ($1)', [100]);
      if (runs === 1) throw Object.assign(new Error('conflict'), { code });
      return runs;
    };
  };

  test('is repeated after a conflict, the first attempt rolled back', async () => {
    expect(await transaction(database.pool, failOnce('40001'), { isolation: 'serializable' })).toBe(2);
  });

  test('is not repeated after anything else', async () => {
    const work = failOnce('23514');
    await database.pool.query('DELETE FROM orders.orders WHERE id = 100');
    await expect(transaction(database.pool, work)).rejects.toThrow('conflict');
    const { rowCount } = await database.pool.query('SELECT 1 FROM orders.orders WHERE id = 100');
    expect(rowCount).toBe(0);
  });

  test('two serializable transactions on the same rows both take effect', async () => {
    await database.pool.query('INSERT INTO orders.orders (id, total) VALUES (200, 0)');
    const add = () =>
      transaction(
        database.pool,
        async (client) => {
          const { rows } = await client.query('SELECT total FROM orders.orders WHERE id = 200');
          await client.query('UPDATE orders.orders SET total = $1 WHERE id = 200', [
            Number(rows[0].total) + 1,
          ]);
        },
        { isolation: 'serializable', retries: 20 },
      );
    await Promise.all(Array.from({ length: 4 }, add));
    const { rows } = await database.pool.query('SELECT total FROM orders.orders WHERE id = 200');
    expect(Number(rows[0].total)).toBe(4);
  });
});
