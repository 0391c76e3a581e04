import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';

export interface TestRedis {
  /** Names the database: every client made from it sees this file's keys alone. */
  readonly url: string;
  readonly db: number;
  readonly client: Redis;
}

const CLOSING_TRIES = 100;
const CLOSING_WAIT_MS = 30;
const CLAIM_SECONDS = 7_200;

/**
 * An empty Redis database of this test file's own. Call it at the top of the file (`const redis = await testRedis()`):
 * it is emptied after the file's last test, and that fails when a connection other than `client` is still open.
 */
export async function testRedis(): Promise<TestRedis> {
  const { afterAll, inject } = await import('vitest');
  const server = inject('redisUrl');
  const keeper = new Redis(server, { db: 0, maxRetriesPerRequest: 3 });
  keeper.on('error', () => undefined); // a test may take the server away; its commands fail on their own
  const db = await claim(keeper);
  const url = new URL(server);
  url.pathname = `/${db}`;
  const client = new Redis(url.href, { maxRetriesPerRequest: 3 });
  client.on('error', () => undefined);
  const redis = { url: url.href, db, client };
  afterAll(() => releaseTestRedis(keeper, redis));
  return redis;
}

/** Database 0 holds the claims. One that is not empty is left alone: the server may be the developer's own. */
async function claim(keeper: Redis): Promise<number> {
  const [, count = '0'] = (await keeper.config('GET', 'databases')) as string[];
  for (let db = 1; db < Number(count); db += 1) {
    const key = claimKey(db);
    if ((await keeper.set(key, randomUUID(), 'EX', CLAIM_SECONDS, 'NX')) !== 'OK') continue;
    if (await isEmpty(keeper, db)) return db;
    await keeper.del(key);
  }
  keeper.disconnect();
  throw new Error(
    `no empty Redis database is free among ${count}: unset REDIS_URL, or give a Redis with more`,
  );
}

async function isEmpty(keeper: Redis, db: number): Promise<boolean> {
  const probe = keeper.duplicate({ db });
  try {
    return (await probe.dbsize()) === 0;
  } finally {
    probe.disconnect();
  }
}

/** @throws Error naming the connections that are still open; the database is emptied and free all the same. */
export async function releaseTestRedis(keeper: Redis, { client, db }: TestRedis): Promise<void> {
  await client.flushdb();
  await client.quit();
  const open = await stillOpen(keeper, db);
  await keeper.del(claimKey(db));
  await keeper.quit();
  if (open.length > 0) {
    throw new Error(`${open.length} Redis connections leaked by this file:\n  ${open.join('\n  ')}`);
  }
}

/** A connection that was closed lives on in the server for a moment. */
async function stillOpen(keeper: Redis, db: number): Promise<string[]> {
  for (let tries = 1; ; tries += 1) {
    const list = (await keeper.client('LIST')) as string;
    const open = list.split('\n').filter((line) => line.split(' ').includes(`db=${db}`));
    if (open.length === 0 || tries === CLOSING_TRIES) return open;
    await sleep(CLOSING_WAIT_MS);
  }
}

function claimKey(db: number): string {
  return `testkit:claimed:${db}`;
}
