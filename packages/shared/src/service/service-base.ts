import type { Redis } from 'ioredis';
import type { Pool } from 'pg';
import type { z } from 'zod';
import type { commonConfigShape } from '../config/index.ts';
import type { Audit, Endpoint, ServiceAppOptions } from '../http/index.ts';
import type { Resources } from '../lifecycle/index.ts';
import type { Catalog, LocalInput, Processor, RunnerStatus, Subscription } from '../streams/index.ts';
import type { Logger, Metrics } from '../telemetry/index.ts';
import type { RunInfo, ServiceClock, ServiceIdentity } from './identity.ts';

/** What `z.object({...commonConfigShape, ...}).parse` gives at least. */
export type CommonConfig = z.output<z.ZodObject<typeof commonConfigShape>>;

export interface RunnerRequest<State> {
  /** `catalog` of the domain's events. */
  readonly catalog: Catalog;
  readonly subscriptions: readonly Subscription[];
  readonly handles: readonly string[];
  /** One for all partitions, or one made for each: a processor with memory of its own (onLease) needs the latter. */
  readonly processor: Processor<State> | ((partition: number) => Processor<State>);
  /** Milliseconds an entry may wait for another stream; 5,000 when absent. Lock-step waits on. */
  readonly joinWaitMs?: number;
  readonly batchMax?: number;
  /** This service's leaseholder trims the streams. One service of the fleet does: the orchestrator. */
  readonly trim?: boolean;
}

/** The runners of this replica, one a partition. Each takes part in the contest for its partition's lease. */
export interface ServiceRunner<State> {
  /**
   * Into the queue of the partition's leaseholder; resolves with the decision's result after the commit.
   * Rejects with NotLeaderError in a replica that stands by.
   */
  submit(input: LocalInput, partition?: number): Promise<unknown>;
  /** The state in memory of a partition that this replica leads, as far as the last commit. */
  state(partition?: number): State | undefined;
  holdsLease(partition?: number): boolean;
  statuses(): readonly RunnerStatus[];
}

export interface ServeOptions<Deps> {
  readonly endpoints: readonly Endpoint<Deps>[];
  readonly deps: Deps;
  /** Dependencies beyond Postgres and Redis, asked at each `GET /health`; a rejection means down. */
  readonly health?: Readonly<Record<string, () => Promise<unknown>>>;
  /** Reasons why the service cannot do its job although its stores and streams are well; empty when it can. */
  readonly notReady?: () => readonly string[];
  /** Merged into `GET /status`. */
  readonly status?: () => object | Promise<object>;
  /** Stores each call of an admin route, beyond the log line that is always written. */
  readonly audit?: Audit;
  /** Mounts what is no endpoint, before the routes. */
  readonly rawRoutes?: ServiceAppOptions<Deps>['rawRoutes'];
}

export interface ServiceBase<Config extends CommonConfig = CommonConfig> {
  readonly identity: ServiceIdentity;
  readonly config: Config;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly resources: Resources;
  /** Connected as the service's own database role, which sees its own schema alone. */
  readonly pool: Pool;
  readonly run: RunInfo;
  readonly clock: ServiceClock;
  /** Aborted when the service stops. */
  readonly signal: AbortSignal;
  /** A new connection, closed with the service. Its outages are logged once each. */
  redis(purpose: string): Redis;
  /** Starts consuming. What `onLease` needs must be ready before. */
  startRunner<State>(request: RunnerRequest<State>): Promise<ServiceRunner<State>>;
  /**
   * Puts the service's routes behind the listener that `openService` opened, with `/health`, `/ready`, `/metrics`
   * and `/status`. Before it is called, those four alone answer, and `/ready` says 503.
   */
  serve<Deps>(options: ServeOptions<Deps>): Promise<{ readonly port: number }>;
}
