import { Redis, type RedisOptions } from 'ioredis';
import type { RedisFactory, RedisPurpose } from './options.ts';

export interface RedisConnectionOptions {
  /** `redis://` or `rediss://`; user and password may come beside it. */
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
  readonly connectionName: string;
  /** Silence after which a command counts as unanswered; 5000 when absent. */
  readonly commandTimeoutMs?: number;
  readonly onError?: (error: Error) => void;
}

const RECONNECT_MS_MAX = 1_000;

/**
 * Connections that never repeat a command by themselves: the kit knows which of its commands are unanswered and in
 * what order they have to be sent again. ioredis' own blockingTimeout stays off, because it answers "nothing" for a
 * read that may still be handed entries.
 */
export function redisFactory(options: RedisConnectionOptions): RedisFactory {
  return (purpose) => {
    const redis = new Redis(options.url, {
      ...credentials(options),
      connectionName: `${options.connectionName}.${purpose}`,
      disableClientInfo: true, // its user may say what it needs and no more
      protocol: 2,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      enableOfflineQueue: false,
      retryStrategy: (times) => Math.min(25 * 2 ** Math.min(times, 10), RECONNECT_MS_MAX),
      ...timeouts(purpose, options),
    });
    redis.on('error', options.onError ?? (() => {}));
    return redis;
  };
}

function timeouts(
  purpose: RedisPurpose,
  options: RedisConnectionOptions,
): Pick<RedisOptions, 'commandTimeout'> {
  return purpose === 'blocking' ? {} : { commandTimeout: options.commandTimeoutMs ?? 5_000 };
}

function credentials(options: RedisConnectionOptions): Pick<RedisOptions, 'username' | 'password'> {
  return {
    ...(options.username === undefined ? {} : { username: options.username }),
    ...(options.password === undefined ? {} : { password: options.password }),
  };
}

/** Resolves when commands can be sent; rejects after `timeoutMs`. */
export async function whenReady(redis: Redis, timeoutMs: number): Promise<void> {
  if (redis.status === 'ready') return;
  await new Promise<void>((resolve, reject) => {
    const done = (error?: Error) => {
      clearTimeout(timer);
      redis.off('ready', done);
      if (error === undefined) resolve();
      else reject(error);
    };
    const timer = setTimeout(() => done(new Error('Connection is closed: Redis does not answer')), timeoutMs);
    redis.once('ready', done);
  });
}

/** Changes with every start of the server and with a failover to another. */
export async function redisRunId(redis: Redis): Promise<string> {
  const info = await redis.info('server');
  return /^run_id:(\S+)/m.exec(info)?.[1] ?? 'unknown';
}
