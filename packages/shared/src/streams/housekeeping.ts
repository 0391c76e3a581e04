import type { Redis } from 'ioredis';
import type { Lease } from './lease.ts';
import { prune } from './retention.ts';
import type { Settings } from './settings.ts';
import { trimStreams } from './trim.ts';

type Needed =
  | 'pool'
  | 'schema'
  | 'leaseMs'
  | 'observeMs'
  | 'inboxRetentionMs'
  | 'outboxRetentionMs'
  | 'trim'
  | 'catalog'
  | 'partitions'
  | 'streamRetentionMs'
  | 'deadLetterRetentionMs'
  | 'logger';

export interface HousekeepingOptions {
  readonly settings: Pick<Settings<never>, Needed>;
  readonly redis: Redis;
  readonly lease: Lease;
  onLeaseLost(): void;
  observe(): Promise<void>;
}

/** So many looks between two rounds of pruning and trimming. */
const LOOKS_PER_ROUND = 30;

/** What a leaseholder does on timers: renew the lease, look at lags, delete what is past its retention. */
export class Housekeeping {
  readonly #options: HousekeepingOptions;
  #timers: NodeJS.Timeout[] = [];
  #looks = 0;
  readonly #busy = new Set<string>();

  constructor(options: HousekeepingOptions) {
    this.#options = options;
  }

  start(): void {
    this.stop();
    const { leaseMs, observeMs } = this.#options.settings;
    this.#timers = [
      setInterval(() => this.#once('renew', () => this.#renew()), leaseMs / 3),
      setInterval(() => this.#watchDeadline(), leaseMs / 10),
      setInterval(() => this.#once('look', () => this.#look()), observeMs),
    ];
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
    this.#timers = [];
  }

  /** A step that is still under way is not begun again. */
  #once(name: string, step: () => Promise<void>): void {
    if (this.#busy.has(name)) return;
    this.#busy.add(name);
    step()
      .catch((error: unknown) =>
        this.#options.settings.logger.warn({ err: error }, `${name} failed, repeating`),
      )
      .finally(() => this.#busy.delete(name));
  }

  async #renew(): Promise<void> {
    if (!(await this.#options.lease.renew())) this.#options.onLeaseLost();
  }

  #watchDeadline(): void {
    if (!this.#options.lease.holds()) this.#options.onLeaseLost();
  }

  async #look(): Promise<void> {
    await this.#options.observe();
    this.#looks += 1;
    if (this.#looks % LOOKS_PER_ROUND !== 0) return;
    const { settings, redis } = this.#options;
    await prune(settings.pool, settings);
    if (!settings.trim) return;
    for (const { key, missingGroup } of await trimStreams(redis, settings)) {
      if (missingGroup !== null)
        settings.logger.warn({ key, missingGroup }, 'not trimmed: a group is missing');
    }
  }
}
