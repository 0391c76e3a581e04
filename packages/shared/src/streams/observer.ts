import type { Redis } from 'ioredis';
import { deadLetterStream, entryTime, physicalKey } from './keys.ts';
import type { Clock } from './options.ts';
import { lowestPending, readGroups } from './stream-groups.ts';
import type { StreamMetrics } from './stream-metrics.ts';
import type { StreamSource } from './stream-source.ts';

export interface Observed {
  readonly lag: number | null;
  readonly pending: number;
}

/** Asks Redis how far behind this consumer is; what status and metrics show between two looks. */
export class Observer {
  readonly #redis: Redis;
  readonly #clock: Clock;
  readonly #metrics: StreamMetrics;
  readonly #seen = new Map<string, Observed>();

  constructor(redis: Redis, clock: Clock, metrics: StreamMetrics) {
    this.#redis = redis;
    this.#clock = clock;
    this.#metrics = metrics;
  }

  of(key: string): Observed {
    return this.#seen.get(key) ?? { lag: null, pending: 0 };
  }

  async look(sources: readonly StreamSource[]): Promise<void> {
    await Promise.all(sources.map((source) => this.#lookAt(source)));
  }

  async #lookAt(source: StreamSource): Promise<void> {
    const { key, group, stream, partition } = source;
    const state = (await readGroups(this.#redis, key)).find(({ name }) => name === group);
    const seen = { lag: state?.lag ?? null, pending: state?.pending ?? 0 };
    this.#seen.set(key, seen);
    this.#metrics.lag(stream, partition, seen.lag);
    this.#metrics.pending(stream, partition, seen.pending);
    const lowest = seen.pending > 0 ? await lowestPending(this.#redis, key, group) : null;
    const age = lowest === null ? 0 : Math.max(0, this.#clock.wall() - entryTime(lowest)) / 1_000;
    this.#metrics.oldestPendingAge(stream, partition, age);
    const dead = await this.#redis.xlen(physicalKey(deadLetterStream(stream), partition));
    this.#metrics.deadLetters(stream, partition, dead);
  }
}
