import type { Redis } from 'ioredis';
import type { Pool } from 'pg';
import type { Catalog, Subscription } from './catalog.ts';
import type { Processor } from './processor.ts';
import type { StreamMetrics } from './stream-metrics.ts';

export interface Clock {
  /** Milliseconds since 1970. */
  wall(): number;
  /** Milliseconds that never go back. */
  monotonic(): number;
}

/** The part of pino that the kit uses. */
export interface StreamLogger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** `blocking`: one reader's own connection. `commands`: everything else, pipelined. See redisFactory. */
export type RedisPurpose = 'blocking' | 'commands';
export type RedisFactory = (purpose: RedisPurpose) => Redis;

export interface BackoffOptions {
  /** First delay in milliseconds; it doubles with each attempt. */
  readonly baseMs: number;
  readonly maxMs: number;
  /** From 0 (inclusive) to 1: the jitter. */
  readonly random: () => number;
}

export interface RunnerOptions<State> {
  /** Postgres schema and Redis group. */
  readonly service: string;
  /** Where the two differ from `service`. */
  readonly schema?: string;
  readonly group?: string;
  /** `source` of the envelopes it writes; `service` when absent. */
  readonly source?: string;
  readonly partition: number;
  readonly partitions: number;
  readonly run: string;
  readonly catalog: Catalog;
  readonly subscriptions: readonly Subscription[];
  /** Event types that `decide` handles; others on the same streams are acknowledged without effect. */
  readonly handles: readonly string[];
  readonly processor: Processor<State>;
  readonly pool: Pool;
  readonly redis: RedisFactory;
  readonly clock: Clock;
  readonly logger: StreamLogger;
  readonly metrics?: StreamMetrics;
  /** How long an entry may wait for another stream before `decide` sees waitExpired. */
  readonly joinWaitMs: number;
  readonly lockstep: boolean;
  /** Entries decided and committed together; 64 when absent. */
  readonly batchMax?: number;
  /** Longest blocking read; 1000 when absent. Below half of leaseMs. */
  readonly blockMs?: number;
  /** 3000 when absent; renewed each third. */
  readonly leaseMs?: number;
  /** Attempts on an entry that is itself at fault before it is parked; 5 when absent. */
  readonly maxFailures?: number;
  readonly backoff?: Partial<BackoffOptions>;
  /** Entries held in memory for each stream; 8 × batchMax when absent. */
  readonly queueMax?: number;
  /** Submitted inputs held in memory; 10,000 when absent, beyond it submit rejects. */
  readonly submitMax?: number;
  readonly inboxRetentionMs?: number;
  readonly outboxRetentionMs?: number;
  readonly deadLetterRetentionMs?: number;
  /** A stream's entries stay at least this long, also when all groups have them. */
  readonly streamRetentionMs?: number;
  /** This runner's leaseholder trims the streams of the catalog. */
  readonly trim?: boolean;
  /** Interval of lags, retention and trimming checks; 1000 when absent. */
  readonly observeMs?: number;
  /** A loop without an iteration for so long is not ready, its blocking connection replaced; 10000 when absent. */
  readonly watchdogMs?: number;
  /** An error of class crash: the process has to end. Rethrown as uncaught when absent. */
  readonly onCrash?: (error: Error) => void;
}

export type RunnerMode =
  | 'idle'
  | 'acquiring'
  | 'loading'
  | 'recovering'
  | 'settling'
  | 'running'
  | 'retrying'
  | 'stopping'
  | 'stopped';

export interface StreamStatus {
  /** Entries not yet read; null when Redis cannot tell. */
  readonly lag: number | null;
  /** Read and not acknowledged. */
  readonly pending: number;
  /** What the head of the stream waits for. */
  readonly blockedFor: string | null;
}

export interface RunnerStatus {
  readonly mode: RunnerMode;
  /** True when running, and when standing by for another's lease with Postgres in reach. */
  readonly ready: boolean;
  /** Why it is not ready. */
  readonly problem: string | null;
  readonly leader: boolean;
  readonly epoch: number;
  readonly run: string;
  readonly partition: number;
  /** By physical key, `<stream>:{<partition>}`. Lag and pending are as old as observeMs at most. */
  readonly streams: Readonly<Record<string, StreamStatus>>;
  readonly outboxUnpublished: number;
  /** Milliseconds since 1970, null before the first. */
  readonly lastCommitAt: number | null;
  readonly parkedKeys: readonly string[];
  /** Entries and submitted inputs in memory that are not committed yet. */
  readonly inFlight: number;
}
