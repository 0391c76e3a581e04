import { Redis } from 'ioredis';
import type { Resources } from '../lifecycle/index.ts';
import type { Logger } from '../telemetry/index.ts';

export interface RedisConnectionOptions {
  readonly url: string;
  /** Shown by CLIENT LIST: service and purpose. */
  readonly name: string;
  readonly logger: Logger;
  readonly resources: Resources;
}

const RECONNECT_MS_MIN = 50;
const RECONNECT_MS_MAX = 1_000;
const CONNECT_MS_MAX = 5_000;

/**
 * A connection that reconnects without end and is closed with the service. Commands fail while Redis is away (they
 * are not kept for later): what is repeated, and when, is the caller's decision. An outage is logged once when it
 * begins and once when it ends.
 */
export function openRedis(options: RedisConnectionOptions): Redis {
  const redis = new Redis(options.url, {
    connectionName: options.name,
    disableClientInfo: true, // its user may say what it needs and no more
    connectTimeout: CONNECT_MS_MAX,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    retryStrategy: (times) => Math.min(RECONNECT_MS_MIN * 2 ** Math.min(times, 10), RECONNECT_MS_MAX),
  });
  logStateChanges(redis, options);
  // Not quit(): that waits for an answer that a Redis which is away never gives.
  options.resources.add(`redis ${options.name}`, () => redis.disconnect());
  return redis;
}

function logStateChanges(redis: Redis, { logger, name }: RedisConnectionOptions): void {
  let away = false;
  redis.on('error', (error: Error) => {
    if (!away) logger.warn({ err: error, connection: name }, 'Redis is away; reconnecting');
    away = true;
  });
  redis.on('close', () => {
    if (!away && redis.status !== 'end')
      logger.debug({ connection: name }, 'the connection to Redis was closed');
  });
  redis.on('ready', () => {
    if (away) logger.info({ connection: name }, 'Redis is back');
    away = false;
  });
}
