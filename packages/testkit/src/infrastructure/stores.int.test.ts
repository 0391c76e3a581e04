import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import pg from 'pg';
import { afterAll, describe, expect, it } from 'vitest';
import { startPostgres } from './postgres-server.ts';
import { readLiveRecord, stopRecorded } from './process-record.ts';
import { startRedis } from './redis-server.ts';

const root = mkdtempSync(join(tmpdir(), 'stores-'));
chmodSync(root, 0o711);
const env = { PATH: process.env['PATH'] };
afterAll(async () => {
  await stopRecorded(join(root, 'orphans/redis/redis.pid'));
  await stopRecorded(join(root, 'orphans/postgres/postgres.pid'));
  rmSync(root, { recursive: true, force: true });
});

async function sql(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows as unknown[];
  } finally {
    await client.end();
  }
}

async function withRedis<T>(url: string, work: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(url, { maxRetriesPerRequest: 1 });
  try {
    return await work(client);
  } finally {
    client.disconnect();
  }
}

describe('startRedis', () => {
  it('keeps its data over stop and kill -9, refuses to evict, listens on the loopback alone', async () => {
    const dir = join(root, 'redis');
    const first = await startRedis({ dir, env });
    const settings = await withRedis(first.url, async (client) => {
      await client.set('kept', 'by stop');
      return await client.config('GET', 'maxmemory-policy', 'appendfsync', 'appendonly', 'bind');
    });
    expect(settings).toEqual(expect.arrayContaining(['noeviction', 'everysec', 'yes', '127.0.0.1']));
    await first.stop();
    const second = await startRedis({ dir, env, port: first.port });
    expect(await withRedis(second.url, (client) => client.get('kept'))).toBe('by stop');
    await withRedis(second.url, (client) => client.set('kept', 'by kill'));
    await second.kill();
    const third = await startRedis({ dir, env });
    expect(await withRedis(third.url, (client) => client.get('kept'))).toBe('by kill');
    await third.stop();
    expect(existsSync(join(dir, 'redis.pid'))).toBe(false);
  });

  it('shows what Redis said when it does not start', async () => {
    const taken = await startRedis({ dir: join(root, 'taken'), env });
    await expect(startRedis({ dir: join(root, 'second'), env, port: taken.port })).rejects.toThrow(
      /redis ended while starting[\s\S]*Address already in use/,
    );
    await taken.stop();
  });

  it('uses REDIS_URL and leaves that one alone', async () => {
    const given = await startRedis({ dir: join(root, 'given'), env });
    const used = await startRedis({ dir: join(root, 'unused'), env: { ...env, REDIS_URL: given.url } });
    expect(used).toMatchObject({ url: given.url, port: given.port, process: undefined });
    await used.stop();
    await expect(used.kill()).rejects.toThrow(/not started here/);
    expect(given.process?.running()).toBe(true);
    expect(existsSync(join(root, 'unused'))).toBe(false);
    await given.stop();
    await expect(startRedis({ dir: root, env: { ...env, REDIS_URL: given.url } })).rejects.toThrow(
      /REDIS_URL is set, but that Redis cannot be used/,
    );
  });
});

describe('startPostgres', () => {
  it('keeps its data over stop and kill -9, with fsync', async () => {
    const dir = join(root, 'postgres');
    const first = await startPostgres({ dir, env });
    await sql(first.url, 'create table kept (by text)');
    expect(await sql(first.url, 'show fsync')).toEqual([{ fsync: 'on' }]);
    await first.stop();
    const second = await startPostgres({ dir, env, port: first.port });
    await sql(second.url, "insert into kept values ('stop')");
    await second.kill();
    const third = await startPostgres({ dir, env });
    expect(await sql(third.url, 'select by from kept')).toEqual([{ by: 'stop' }]);
    await third.stop();
  });

  it('shows what Postgres said when it does not start', async () => {
    const taken = await startRedis({ dir: join(root, 'taken'), env });
    await expect(startPostgres({ dir: join(root, 'postgres'), env, port: taken.port })).rejects.toThrow(
      /postgres ended while starting[\s\S]*Address already in use/,
    );
    await taken.stop();
  });

  it('makes its data folder anew when the making was cut', async () => {
    const dir = join(root, 'cut');
    mkdirSync(join(dir, 'data.unfinished'), { recursive: true });
    writeFileSync(join(dir, 'data.unfinished/PG_VERSION'), '18\n');
    chmodSync(dir, 0o711);
    const server = await startPostgres({ dir, env });
    expect(await sql(server.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    await server.stop();
  });

  it('starts over a lock file whose pid is by now another program', async () => {
    const dir = join(root, 'postgres');
    writeFileSync(join(dir, 'data/postmaster.pid'), `${process.pid}\n${join(dir, 'data')}\n`);
    const server = await startPostgres({ dir, env });
    expect(await sql(server.url, 'select by from kept')).toEqual([{ by: 'stop' }]);
    await server.stop();
  });

  it('runs below a folder that only its owner may enter, and never as root', async () => {
    const closed = join(root, 'closed');
    mkdirSync(closed, { mode: 0o700 });
    const server = await startPostgres({ dir: join(closed, 'postgres'), env });
    expect(await sql(server.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    const status = readFileSync(`/proc/${server.process!.pid}/status`, 'utf8');
    expect(Number(/^Uid:\s+(\d+)/m.exec(status)![1])).not.toBe(0);
    await server.stop();
  });

  it('uses DATABASE_URL and leaves that one alone', async () => {
    const given = await startPostgres({ dir: join(root, 'postgres'), env });
    const used = await startPostgres({ dir: join(root, 'unused'), env: { DATABASE_URL: given.url } });
    expect(used).toMatchObject({ url: given.url, process: undefined });
    await used.stop();
    expect(given.process?.running()).toBe(true);
    await given.stop();
    await expect(startPostgres({ dir: root, env: { DATABASE_URL: given.url } })).rejects.toThrow(
      /DATABASE_URL is set, but that Postgres cannot be used/,
    );
  });
});

describe('stores whose runner was killed by kill -9', () => {
  it('are ended by the next start on their folders, which finds their data', async () => {
    const dirs = { redis: join(root, 'orphans/redis'), postgres: join(root, 'orphans/postgres') };
    const urls = await orphan(dirs);
    await withRedis(urls.redis, (client) => client.set('from', 'the orphan'));
    await sql(urls.postgres, "create table orphan as select 'kept' as was");
    const left = readLiveRecord(join(dirs.postgres, 'postgres.pid'));
    expect(left).toBeDefined();
    rmSync(join(dirs.postgres, 'postgres.pid')); // the record lost too: its own lock file must do
    const [redis, postgres] = await Promise.all([
      startRedis({ dir: dirs.redis, env }),
      startPostgres({ dir: dirs.postgres, env }),
    ]);
    expect(postgres.process?.pid).not.toBe(left?.pid);
    expect(await withRedis(redis.url, (client) => client.get('from'))).toBe('the orphan');
    expect(await sql(postgres.url, 'select was from orphan')).toEqual([{ was: 'kept' }]);
    await Promise.all([redis.stop(), postgres.stop()]);
  });
});

async function orphan(dirs: {
  redis: string;
  postgres: string;
}): Promise<{ redis: string; postgres: string }> {
  const source = `
    import { startRedis } from ${JSON.stringify(join(import.meta.dirname, 'redis-server.ts'))};
    import { startPostgres } from ${JSON.stringify(join(import.meta.dirname, 'postgres-server.ts'))};
    const env = { PATH: process.env.PATH };
    const redis = await startRedis({ dir: ${JSON.stringify(dirs.redis)}, env });
    const postgres = await startPostgres({ dir: ${JSON.stringify(dirs.postgres)}, env });
    console.log(JSON.stringify({ redis: redis.url, postgres: postgres.url }));`;
  const runner = spawn(process.execPath, ['--input-type=module', '-e', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: import.meta.dirname,
  });
  const [line] = (await once(runner.stdout, 'data')) as [Buffer];
  const ended = once(runner, 'exit');
  runner.kill('SIGKILL');
  await ended;
  return JSON.parse(line.toString()) as { redis: string; postgres: string };
}
