import type { Metrics } from '@fleet/shared/telemetry';
import type { FeedObserver } from './feed/venue-feed.ts';
import type { PublishedSet } from './signals/processor.ts';
import type { AnalystState } from './signals/state.ts';

export interface AnalystMetrics {
  readonly feed: Omit<FeedObserver, 'onHeard'>;
  /** `ageSeconds`: from the close of the bars to the commit; null where the market is not of now. */
  published(set: PublishedSet, ageSeconds: number | null): void;
}

export interface AnalystGauges {
  /** Null in a replica that stands by. */
  readonly state: () => AnalystState | null;
  readonly wall: () => number;
}

/** The service's own metrics, beside the common ones. */
export function createAnalystMetrics(metrics: Metrics, { state, wall }: AnalystGauges): AnalystMetrics {
  const bars = metrics.counter({
    name: 'bars_total',
    help: 'Closed bars published.',
    labelNames: ['symbol'],
  });
  const signals = metrics.counter({
    name: 'signals_total',
    help: 'Signals published.',
    labelNames: ['symbol'],
  });
  const missing = metrics.counter({
    name: 'bars_missing_total',
    help: 'Bars that a set left without, because the venue has none.',
    labelNames: ['symbol'],
  });
  const refused = metrics.counter({
    name: 'bars_refused_total',
    help: 'Impossible bars that were not used.',
    labelNames: ['symbol'],
  });
  const repairs = metrics.counter({
    name: 'gap_repairs_total',
    help: 'Times that bars were fetched which the stream had not brought, by occasion.',
    labelNames: ['kind'],
  });
  const connected = metrics.gauge({ name: 'feed_connected', help: '1 while the market is followed.' });
  const publishSeconds = metrics.histogram({
    name: 'bar_publish_seconds',
    help: 'From the last bar of a set, heard or fetched, to the commit of its signals.',
  });
  const latencySeconds = metrics.histogram({
    name: 'bar_latency_seconds',
    help: 'Live: from the close of a bar set to the commit of its signals.',
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
  });
  metrics.gauge({
    name: 'market_data_stale',
    help: '1 while nothing has come of a symbol for too long.',
    labelNames: ['symbol'],
    collect: (gauge) => {
      gauge.reset();
      for (const { symbol, stale } of state()?.symbols.values() ?? []) gauge.set({ symbol }, stale ? 1 : 0);
    },
  });
  const lastPublished = metrics.gauge({
    name: 'bar_last_published_timestamp_seconds',
    help: 'When a bar of the symbol was committed last, by the wall clock.',
    labelNames: ['symbol'],
  });
  return {
    feed: {
      onPublishSeconds: (seconds) => publishSeconds.observe(seconds),
      onRefused: (symbol) => refused.inc({ symbol }),
      onRepaired: (kind) => repairs.inc({ kind }),
      onConnected: (up) => connected.set(up ? 1 : 0),
    },
    published: ({ symbols, missing: absent }, ageSeconds) => {
      for (const symbol of symbols) {
        bars.inc({ symbol });
        // From 0, so that the first one that is refused is an increase.
        refused.inc({ symbol }, 0);
        lastPublished.set({ symbol }, wall() / 1_000);
        signals.inc({ symbol });
      }
      for (const symbol of absent) missing.inc({ symbol });
      if (ageSeconds !== null) latencySeconds.observe(ageSeconds);
    },
  };
}
