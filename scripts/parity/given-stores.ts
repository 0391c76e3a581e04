import { Redis } from 'ioredis';
import { RunFailure } from '../fleet/run-failure.ts';
import { SERVICES } from '../fleet/services.ts';
import { withClient } from '../fleet/with-client.ts';

/**
 * Where REDIS_URL or DATABASE_URL name running stores, parity must not meet another fleet on them: it takes a database
 * of its own on that Postgres, and asks for an empty one on that Redis. Sets the environment for what is started next.
 * @returns what removes all of it.
 */
export async function takeGivenStores(rolePrefix: string): Promise<() => Promise<void>> {
  const redisUrl = given('REDIS_URL');
  const databaseUrl = given('DATABASE_URL');
  if (redisUrl !== undefined) await assertEmpty(redisUrl);
  if (databaseUrl !== undefined) {
    const own = new URL(databaseUrl);
    own.pathname = `/${rolePrefix}`;
    await withClient(databaseUrl, (client) => client.query(`create database ${rolePrefix}`));
    process.env['DATABASE_URL'] = own.href;
  }
  return async () => {
    if (redisUrl !== undefined) await onRedis(redisUrl, (redis) => redis.flushdb());
    if (databaseUrl === undefined) return;
    process.env['DATABASE_URL'] = databaseUrl;
    await dropDatabase(databaseUrl, rolePrefix);
  };
}

function given(name: string): string | undefined {
  const value = process.env[name];
  return value === undefined || value === '' ? undefined : value;
}

async function assertEmpty(url: string): Promise<void> {
  const keys = await onRedis(url, (redis) => redis.dbsize());
  if (keys > 0)
    throw new RunFailure(
      `the Redis database of REDIS_URL holds ${keys} keys, and parity needs an empty one`,
      'name another database (redis://host:port/7), or unset REDIS_URL and one is started here',
    );
}

async function onRedis<Result>(url: string, work: (redis: Redis) => Promise<Result>): Promise<Result> {
  const redis = new Redis(url, { maxRetriesPerRequest: 1, lazyConnect: true, retryStrategy: () => null });
  redis.on('error', () => undefined); // the command rejects with it
  try {
    return await work(redis);
  } catch (cause) {
    const words = cause instanceof Error ? cause.message : String(cause);
    throw new RunFailure(
      `the Redis of REDIS_URL cannot be used: ${words}`,
      'start it, or unset REDIS_URL',
      cause,
    );
  } finally {
    redis.disconnect();
  }
}

async function dropDatabase(adminUrl: string, name: string): Promise<void> {
  await withClient(adminUrl, async (client) => {
    await client.query(`drop database if exists ${name} with (force)`);
    for (const { schema } of SERVICES) await client.query(`drop role if exists ${name}_${schema}`);
  });
}
