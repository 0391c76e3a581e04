import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startPostgres } from './postgres-server.ts';
import { readLiveRecord, stopRecorded, writeProcessRecord } from './process-record.ts';
import { startRedis } from './redis-server.ts';
import type { RunningStore } from './running-store.ts';

declare module 'vitest' {
  interface ProvidedContext {
    redisUrl: string;
    databaseUrl: string;
  }
}

const PREFIX = 'fleet-int-';
const RUNNER = 'runner.pid';
/** Each test file takes a Redis database of its own, and a Postgres database with the pools of all its services. */
const REDIS_DATABASES = 256;
const POSTGRES_CONNECTIONS = 400;

/** One Redis and one Postgres for the run of the `int` project, in a folder that goes with it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await removeLeftovers();
  const dir = mkdtempSync(join(tmpdir(), PREFIX));
  chmodSync(dir, 0o711); // run by root, Postgres is another user
  writeProcessRecord(join(dir, RUNNER), 'vitest', process.pid);
  const { redis, postgres } = await startStores(dir);
  project.provide('redisUrl', redis.url);
  project.provide('databaseUrl', postgres.url);
  const before = { REDIS_URL: process.env['REDIS_URL'], DATABASE_URL: process.env['DATABASE_URL'] };
  process.env['REDIS_URL'] = redis.url;
  process.env['DATABASE_URL'] = postgres.url;
  return async () => {
    restoreEnvironment(before);
    await Promise.all([redis.stop(), postgres.stop()]);
    rmSync(dir, { recursive: true, force: true });
  };
}

async function startStores(dir: string): Promise<{ redis: RunningStore; postgres: RunningStore }> {
  const redis = await startRedis({ dir: join(dir, 'redis'), databases: REDIS_DATABASES, onProgress });
  try {
    const limits = { connectionsMax: POSTGRES_CONNECTIONS };
    return { redis, postgres: await startPostgres({ dir: join(dir, 'postgres'), ...limits, onProgress }) };
  } catch (error) {
    await redis.stop();
    throw error;
  }
}

function onProgress(line: string): void {
  process.stderr.write(`${line}\n`);
}

function restoreEnvironment(before: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(before)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
}

/** Folders of runs that were killed: their stores are ended and the folders removed. */
async function removeLeftovers(): Promise<void> {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(PREFIX))) {
    const dir = join(tmpdir(), name);
    // Without a record it is being made at this moment.
    if (!existsSync(join(dir, RUNNER)) || readLiveRecord(join(dir, RUNNER)) !== undefined) continue;
    try {
      await stopRecorded(join(dir, 'redis/redis.pid'));
      await stopRecorded(join(dir, 'postgres/postgres.pid'));
      rmSync(dir, { recursive: true, force: true });
    } catch {
      // another user's: not ours to remove
    }
  }
}
