import type { Metrics } from '../telemetry/index.ts';
import type { RunnerStatus } from './options.ts';

type Statuses = () => readonly RunnerStatus[];

/**
 * Who consumes, read from the runners at each scrape: a partition whose lease nobody holds is dead, one whose epoch
 * keeps rising flaps. Of a standby there is only that it stands by. Call it once for each registry.
 */
export function runnerMetrics(metrics: Metrics, statuses: Statuses): void {
  const perRunner = (name: string, help: string, read: (status: RunnerStatus) => number | null) =>
    metrics.gauge({
      name,
      help,
      labelNames: ['partition'],
      collect: (gauge) => {
        gauge.reset();
        for (const status of statuses()) {
          const value = read(status);
          if (value !== null) gauge.set({ partition: String(status.partition) }, value);
        }
      },
    });
  perRunner('stream_lease_held', '1 while this replica is the consumer of the partition.', ({ leader }) =>
    leader ? 1 : 0,
  );
  perRunner(
    'stream_lease_epoch',
    'Epoch of the lease, of its holder alone; each takeover and each unanswered write raises it.',
    ({ leader, epoch }) => (leader ? epoch : null),
  );
  perRunner(
    'stream_consumer_ready',
    '1 while the consumer runs, or stands by and can take over.',
    ({ ready }) => (ready ? 1 : 0),
  );
  perRunner(
    'stream_outbox_unpublished',
    'Committed events that are not published yet.',
    ({ leader, outboxUnpublished }) => (leader ? outboxUnpublished : null),
  );
  blocked(metrics, statuses);
}

function blocked(metrics: Metrics, statuses: Statuses): void {
  metrics.gauge({
    name: 'stream_consumer_blocked',
    help: '1 while the next entry of a stream waits for what another stream brings.',
    labelNames: ['stream', 'partition'],
    collect: (gauge) => {
      gauge.reset();
      for (const { leader, streams } of statuses()) {
        if (!leader) continue;
        for (const [key, { blockedFor }] of Object.entries(streams))
          gauge.set(placeOf(key), blockedFor === null ? 0 : 1);
      }
    },
  });
}

/** `<stream>:{<partition>}`, as `physicalKey` makes it. */
function placeOf(key: string): { stream: string; partition: string } {
  const brace = key.lastIndexOf(':{');
  return { stream: key.slice(0, brace), partition: key.slice(brace + 2, -1) };
}
