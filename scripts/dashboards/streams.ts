import {
  above,
  below,
  dashboard,
  lines,
  NONE_IS_WELL,
  percentiles,
  query,
  stat,
  timeline,
} from './panels.ts';

const OF_SERVICES = 'job="services", service=~"$service"';
const PLACE = '{{service}} {{stream}}';

export const streams = dashboard({
  uid: 'fleet-streams',
  title: 'Streams and DLQ',
  description: 'Whether events arrive, in order, and what was set aside.',
  tags: ['fleet'],
  variables: 'service',
  from: 'now-1h',
  refresh: '15s',
  sections: [
    {
      title: 'At a glance',
      bands: [
        {
          height: 4,
          panels: [
            stat(
              'Dead letters',
              'Entries that were set aside after five failures, over all streams.',
              'none',
              '$service',
              'sum(max by (stream, partition) (dlq_entries))',
              { steps: NONE_IS_WELL, runbook: 'dead-letters-waiting' },
            ),
            stat(
              'Parked keys',
              'Keys that are held because an entry of theirs was set aside: their symbol or account does not go on.',
              'none',
              '$service',
              'sum(parked_keys)',
              { steps: NONE_IS_WELL, runbook: 'keys-parked' },
            ),
            stat(
              'Largest lag',
              'Entries that the slowest consumer has not read yet.',
              'none',
              '$service',
              'max(stream_lag)',
              { steps: above(500, 5_000), runbook: 'stream-lag-high' },
            ),
            stat(
              'Lag unknown',
              'Streams of which Redis cannot tell the lag. That is an alarm and not "no lag".',
              'none',
              '$service',
              'sum(stream_lag_unknown)',
              { steps: NONE_IS_WELL, runbook: 'stream-lag-unknown' },
            ),
            stat(
              'Oldest unacknowledged',
              'Age of the oldest entry that was read and not acknowledged.',
              's',
              '$service',
              'max(stream_oldest_pending_age_seconds)',
              { steps: above(10, 60), runbook: 'stream-pending-old' },
            ),
            stat(
              'Oldest unpublished',
              'Age of the oldest committed event that is not on its stream yet.',
              's',
              '$service',
              'max(outbox_age_seconds)',
              { steps: above(5, 30), runbook: 'outbox-old' },
            ),
            stat(
              'Leases held',
              'Partitions that somebody leads. Each service with streams needs one holder a partition.',
              'none',
              '$service',
              'sum(stream_lease_held)',
              { steps: below(6, 7) },
            ),
          ],
        },
      ],
    },
    {
      title: 'Arrival',
      bands: [
        {
          height: 8,
          panels: [
            lines(
              'Lag',
              'Entries not read yet, by consumer and stream; -1 where Redis cannot tell.',
              'none',
              '$service',
              [query(`max by (service, stream) (stream_lag{${OF_SERVICES}})`, PLACE)],
              { runbook: 'stream-lag-high' },
            ),
            lines(
              'Unacknowledged',
              'Entries read and not acknowledged. They fall to nothing between batches.',
              'none',
              '$service',
              [query(`max by (service, stream) (stream_pending_count{${OF_SERVICES}})`, PLACE)],
              { min: 0 },
            ),
            lines(
              'Age of the oldest unacknowledged',
              'Rises without end where a consumer is dead, blocked, or repeats an entry.',
              's',
              '$service',
              [query(`max by (service, stream) (stream_oldest_pending_age_seconds{${OF_SERVICES}})`, PLACE)],
              { min: 0, steps: above(10, 60), runbook: 'stream-pending-old' },
            ),
          ],
        },
        {
          height: 8,
          panels: [
            lines(
              'Entries committed',
              'Entries a second whose effects were committed.',
              'ops',
              '$service',
              [
                query(
                  `sum by (service) (rate(stream_entries_total{${OF_SERVICES}}[$__rate_interval]))`,
                  '{{service}}',
                ),
              ],
              { min: 0 },
            ),
            lines(
              'Time of a batch',
              'From the first decision of a batch to the answer of its commit.',
              's',
              '$service',
              percentiles('handler_duration_seconds', 'service', '{{service}}', OF_SERVICES),
              { min: 0 },
            ),
            lines(
              'Repetitions',
              'Repetitions a second by reason: of an entry, a write, a read or a publication.',
              'ops',
              '$service',
              [
                query(
                  `sum by (service, reason) (rate(retries_total{${OF_SERVICES}}[$__rate_interval]))`,
                  '{{service}} {{reason}}',
                ),
              ],
              { min: 0, noValue: 'none' },
            ),
          ],
        },
      ],
    },
    {
      title: 'Publication',
      bands: [
        {
          height: 7,
          panels: [
            lines(
              'Age of the oldest unpublished',
              'Grows while Redis is away; what is committed is kept and published later, in order.',
              's',
              '$service',
              [query(`max by (service) (outbox_age_seconds{${OF_SERVICES}})`, '{{service}}')],
              { min: 0, steps: above(5, 30), runbook: 'outbox-old' },
            ),
            lines(
              'Unpublished events',
              'Committed events that wait for their publication.',
              'none',
              '$service',
              [query(`sum by (service) (stream_outbox_unpublished{${OF_SERVICES}})`, '{{service}}')],
              { min: 0 },
            ),
          ],
        },
      ],
    },
    {
      title: 'Set aside',
      bands: [
        {
          height: 7,
          panels: [
            lines(
              'Dead letters by stream',
              'Grows with each entry that failed five times; a requeue or a drop takes it off.',
              'none',
              '$service',
              [query('max by (stream) (dlq_entries)', '{{stream}}')],
              { min: 0, runbook: 'dead-letters-waiting' },
            ),
            lines(
              'Parked keys by service',
              'Keys whose later entries wait behind a dead letter.',
              'none',
              '$service',
              [query(`sum by (service) (parked_keys{${OF_SERVICES}})`, '{{service}}')],
              { min: 0, runbook: 'keys-parked' },
            ),
          ],
        },
      ],
    },
    {
      title: 'Who leads',
      bands: [
        {
          height: 7,
          panels: [
            timeline(
              'Lease',
              'Whether somebody of the service holds the lease of its partition.',
              'none',
              '$service',
              [
                query(
                  `max by (service, partition) (stream_lease_held{${OF_SERVICES}})`,
                  '{{service}} {{partition}}',
                ),
              ],
              {
                words: { '0': ['stands by', 'orange'], '1': ['leads', 'green'] },
                steps: [
                  [null, 'orange'],
                  [1, 'green'],
                ],
                runbook: 'consumer-flapping',
              },
            ),
            timeline(
              'Consumer',
              'Whether the consumer reads its streams. A consumer that is not ready says in /ready what it waits for.',
              'none',
              '$service',
              [
                query(
                  `max by (service, partition) (stream_consumer_ready{${OF_SERVICES}})`,
                  '{{service}} {{partition}}',
                ),
              ],
              {
                words: { '0': ['not ready', 'red'], '1': ['ready', 'green'] },
                steps: [
                  [null, 'red'],
                  [1, 'green'],
                ],
                runbook: 'consumer-dead',
              },
            ),
            lines(
              'Changes of the holder',
              'Changes of the lease within a quarter of an hour. More than a deployment explains is flapping.',
              'none',
              '$service',
              [query(`sum by (service) (changes(stream_lease_epoch{${OF_SERVICES}}[15m]))`, '{{service}}')],
              { min: 0, decimals: 0, steps: above(2, 4), runbook: 'consumer-flapping' },
            ),
            lines(
              'Blocked',
              'Streams whose next entry waits for another stream. For a moment that is how order is kept; for long it is a stuck cycle.',
              'none',
              '$service',
              [query(`sum by (service) (stream_consumer_blocked{${OF_SERVICES}})`, '{{service}}')],
              { min: 0, decimals: 0, runbook: 'cycle-stuck' },
            ),
          ],
        },
      ],
    },
  ],
});
