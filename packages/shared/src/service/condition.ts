import type { Redis } from 'ioredis';
import type { Pool } from 'pg';
import type { AccessControl } from '../access/index.ts';
import { type DependencyHealth, probe, type ReadyReport } from '../http/index.ts';
import type { RunnerStatus } from '../streams/index.ts';
import type { RunInfo } from './identity.ts';

/**
 * What is known of this process at the moment, as `/health`, `/ready` and `/status` tell it. Filled in step by step
 * while the service starts.
 */
export class ServiceCondition {
  readonly #pool: Pool;
  readonly #redis: Redis;
  /** What the start waits for; undefined when it is over. */
  waitsFor: string | undefined = 'starting';
  run: RunInfo | undefined;
  statuses: () => readonly RunnerStatus[] = () => [];
  own: Own = {};
  access: Pick<AccessControl, 'faults'> | undefined;

  constructor(stores: { readonly pool: Pool; readonly redis: Redis }) {
    this.#pool = stores.pool;
    this.#redis = stores.redis;
  }

  health(): Promise<readonly DependencyHealth[]> {
    const own = Object.entries(this.own.health ?? {});
    return Promise.all([
      probe('postgres', () => this.#pool.query('select 1')),
      probe('redis', () => this.#redis.ping()),
      ...own.map(([name, ask]) => probe(name, ask)),
    ]);
  }

  /** The stores' own clocks, milliseconds since 1970. */
  readonly clocks = {
    postgres: async (): Promise<number> => {
      const { rows } = await this.#pool.query<{ now: string }>(
        'select extract(epoch from clock_timestamp())::text as now',
      );
      return Number(rows[0]?.now) * 1_000;
    },
    redis: async (): Promise<number> => {
      const [seconds, microseconds] = await this.#redis.time();
      return Number(seconds) * 1_000 + Number(microseconds) / 1_000;
    },
  };

  async ready(): Promise<ReadyReport> {
    if (this.waitsFor !== undefined) return { ready: false, missing: [this.waitsFor] };
    const stores = await Promise.all([
      probe('Postgres', () => this.#pool.query('select 1')),
      probe('Redis', () => this.#redis.ping()),
    ]);
    const away = stores.filter(({ status }) => status !== 'up').map(({ name }) => `${name} does not answer`);
    const streams = this.statuses()
      .filter(({ ready }) => !ready)
      .map(({ partition, problem, mode }) => `streams of partition ${partition}: ${problem ?? mode}`);
    const faults = this.access?.faults() ?? [];
    const missing = [...away, ...streams, ...faults, ...(this.own.notReady?.() ?? [])];
    return { ready: missing.length === 0, missing };
  }

  async status(): Promise<object> {
    const runners = this.statuses();
    return {
      role: roleOf(runners),
      ...(this.run === undefined ? {} : this.run),
      ...(this.waitsFor === undefined ? {} : { waitsFor: this.waitsFor }),
      runners,
      ...(await this.own.status?.()),
    };
  }
}

interface Own {
  readonly health?: Readonly<Record<string, () => Promise<unknown>>> | undefined;
  readonly notReady?: (() => readonly string[]) | undefined;
  readonly status?: (() => object | Promise<object>) | undefined;
}

/** `leader` when it holds a lease, `standby` when others hold all of them, `single` without any streams. */
function roleOf(runners: readonly RunnerStatus[]): 'leader' | 'standby' | 'single' {
  if (runners.length === 0) return 'single';
  return runners.some(({ leader }) => leader) ? 'leader' : 'standby';
}
