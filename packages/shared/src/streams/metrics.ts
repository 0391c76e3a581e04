import type { Metrics } from '../telemetry/index.ts';
import type { StreamMetrics } from './stream-metrics.ts';

/** `stream_lag` where Redis cannot tell how many entries are unread: alert on it, it is not 0. */
export const LAG_UNKNOWN = -1;

/** The kit's series in the service's registry. Call it once for each registry. */
export function streamMetrics(metrics: Metrics): StreamMetrics {
  const place = ['stream', 'partition'] as const;
  const pending = metrics.gauge({
    name: 'stream_pending_count',
    help: 'Entries read and not acknowledged.',
    labelNames: place,
  });
  const oldest = metrics.gauge({
    name: 'stream_oldest_pending_age_seconds',
    help: 'Age of the oldest entry that was read and not acknowledged; 0 without one.',
    labelNames: place,
  });
  const lag = metrics.gauge({
    name: 'stream_lag',
    help: `Entries not read yet; ${LAG_UNKNOWN} when Redis cannot tell (see stream_lag_unknown).`,
    labelNames: place,
  });
  const lagUnknown = metrics.gauge({
    name: 'stream_lag_unknown',
    help: '1 when Redis cannot tell the lag of a stream: an alarm, not "no lag".',
    labelNames: place,
  });
  const dead = metrics.gauge({ name: 'dlq_entries', help: 'Dead letters of a stream.', labelNames: place });
  const { forget, ...reports } = processing(metrics);
  return {
    ...reports,
    lost: () => {
      for (const gauge of [pending, oldest, lag, lagUnknown, dead]) gauge.reset();
      forget();
    },
    pending: (stream, partition, entries) => pending.set({ stream, partition: String(partition) }, entries),
    oldestPendingAge: (stream, partition, seconds) =>
      oldest.set({ stream, partition: String(partition) }, seconds),
    lag: (stream, partition, entries) => {
      const labels = { stream, partition: String(partition) };
      lag.set(labels, entries ?? LAG_UNKNOWN);
      lagUnknown.set(labels, entries === null ? 1 : 0);
    },
    deadLetters: (stream, partition, entries) => dead.set({ stream, partition: String(partition) }, entries),
  };
}

type Processing = Pick<StreamMetrics, 'batchCommitted' | 'retried' | 'outboxAge' | 'parkedKeys'> & {
  forget(): void;
};

function processing(metrics: Metrics): Processing {
  const handled = metrics.histogram({
    name: 'handler_duration_seconds',
    help: "One batch from its first decision to its commit's answer.",
  });
  const entries = metrics.counter({ name: 'stream_entries_total', help: 'Entries committed.' });
  const retries = metrics.counter({
    name: 'retries_total',
    help: 'Repetitions by reason: of an entry, a write, a read or a publication.',
    labelNames: ['reason'] as const,
  });
  // The usual ones from 0, so that the first is an increase.
  for (const reason of [
    'entry',
    'unreachable',
    'postgres-unreachable',
    'redis-unreachable',
    'redis-lost-state',
  ])
    retries.inc({ reason }, 0);
  const outboxAge = metrics.gauge({
    name: 'outbox_age_seconds',
    help: 'Age of the oldest committed event that is not published; 0 without one.',
    labelNames: ['partition'] as const,
  });
  const parked = metrics.gauge({
    name: 'parked_keys',
    help: 'Keys held because an entry of theirs is parked.',
    labelNames: ['partition'] as const,
  });
  return {
    batchCommitted: (count, seconds) => {
      handled.observe(seconds);
      entries.inc(count);
    },
    retried: (reason) => retries.inc({ reason }),
    outboxAge: (partition, seconds) => outboxAge.set({ partition: String(partition) }, seconds),
    parkedKeys: (partition, keys) => parked.set({ partition: String(partition) }, keys),
    forget: () => {
      outboxAge.reset();
      parked.reset();
    },
  };
}
