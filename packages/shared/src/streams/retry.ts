import { isFleetError } from '../errors/index.ts';
import { isNetworkCode, type PostgresFailure, postgresFailure } from '../postgres/failure.ts';
import type { BackoffOptions } from './options.ts';

/**
 * - `retry`: infrastructure; repeated without limit, the partition not ready meanwhile
 * - `park`: the entry itself; counts towards maxFailures
 * - `crash`: neither goes away by repeating; the process ends
 */
export type Verdict = 'retry' | 'park' | 'crash';

export interface Ruling {
  readonly verdict: Verdict;
  /** Stable word for logs and the retries_total label. */
  readonly reason: string;
}

const POSTGRES: Readonly<Record<PostgresFailure, Ruling>> = {
  unreachable: { verdict: 'retry', reason: 'postgres-unreachable' },
  conflict: { verdict: 'retry', reason: 'postgres-conflict' },
  duplicate: { verdict: 'park', reason: 'duplicate-row' },
  data: { verdict: 'park', reason: 'row-refused' },
  setup: { verdict: 'crash', reason: 'postgres-setup' },
};

/** First word of a Redis error reply. */
const REDIS: Readonly<Record<string, Ruling>> = {
  NOGROUP: { verdict: 'retry', reason: 'redis-lost-state' },
  UNBLOCKED: { verdict: 'retry', reason: 'redis-lost-state' },
  FLEETLOST: { verdict: 'retry', reason: 'redis-lost-state' },
  FLEETMOVED: { verdict: 'retry', reason: 'redis-marker-moved' },
  LOADING: { verdict: 'retry', reason: 'redis-loading' },
  READONLY: { verdict: 'retry', reason: 'redis-readonly' },
  MASTERDOWN: { verdict: 'retry', reason: 'redis-readonly' },
  MISCONF: { verdict: 'retry', reason: 'redis-cannot-persist' },
  OOM: { verdict: 'retry', reason: 'redis-memory-full' },
  BUSY: { verdict: 'retry', reason: 'redis-busy' },
  TRYAGAIN: { verdict: 'retry', reason: 'redis-cluster' },
  CLUSTERDOWN: { verdict: 'retry', reason: 'redis-cluster' },
  NOREPLICAS: { verdict: 'retry', reason: 'redis-replicas' },
  NOAUTH: { verdict: 'crash', reason: 'redis-access' },
  WRONGPASS: { verdict: 'crash', reason: 'redis-access' },
  NOPERM: { verdict: 'crash', reason: 'redis-access' },
  WRONGTYPE: { verdict: 'crash', reason: 'redis-wrong-type' },
};

/** ioredis' own errors carry neither code nor reply word. */
const REDIS_LOST =
  /connection is closed|max retries per request|stream isn't writeable|command timed out|socket timeout|blocking read/i;

const ENTRY: Ruling = { verdict: 'park', reason: 'entry' };

const CRASH_ACTIONS: Readonly<Record<string, string>> = {
  'redis-access':
    "Redis refuses this service's user: its rights stand in redis/users.acl, its password in secrets/. Run scripts/init-secrets, then scripts/rotate-secret redis_password_<service>.",
  'redis-wrong-type': 'A key that has to be a stream is none: look who else writes to this Redis.',
  'postgres-setup':
    'The database is not as this version expects it: run migrate (docker compose run --rm migrate), then start again.',
};

/** What a person does about an error that ends the process, by the reason of its ruling. */
export function crashAction(reason: string): string {
  return CRASH_ACTIONS[reason] ?? 'Read the error; the process starts again and says it once more.';
}

/** The table from error to what happens next. An error that nobody classified counts as the entry's fault. */
export function ruleOn(error: unknown): Ruling {
  if (isFleetError(error)) return { verdict: error.retry, reason: error.code };
  if (!(error instanceof Error)) return ENTRY;
  const fromReply = REDIS[error.message.split(' ', 1)[0] ?? ''];
  if (fromReply !== undefined) return fromReply;
  if (REDIS_LOST.test(error.message)) return { verdict: 'retry', reason: 'redis-unreachable' };
  const failure = postgresFailure(error);
  if (failure === 'unreachable' && isRedisSocket(error)) return { verdict: 'retry', reason: 'unreachable' };
  return failure === undefined ? ENTRY : POSTGRES[failure];
}

/** A refused or reset socket looks the same to both servers. */
function isRedisSocket(error: Error): boolean {
  return 'code' in error && typeof error.code === 'string' && isNetworkCode(error.code);
}

/** True when Redis no longer has what it had: its groups or our marker are gone. */
export function saysRedisLost(error: unknown): boolean {
  return ruleOn(error).reason === 'redis-lost-state';
}

export const DEFAULT_BACKOFF: BackoffOptions = { baseMs: 100, maxMs: 5_000, random: Math.random };

/** Milliseconds before repetition number `attempt` (from 1): doubling, capped, then 50 to 100 % of that. */
export function backoffMs(attempt: number, options: BackoffOptions): number {
  const full = Math.min(options.baseMs * 2 ** Math.min(attempt - 1, 30), options.maxMs);
  return full * (0.5 + options.random() / 2);
}
