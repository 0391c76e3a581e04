import { expect, test } from 'vitest';
import { createMetrics } from '../telemetry/index.ts';
import { streamMetrics } from './metrics.ts';

test('every series says what the kit reports; an unknown lag is an alarm of its own', async () => {
  const { registry, ...rest } = createMetrics({ service: 'x', version: '1', defaultMetrics: false });
  const metrics = streamMetrics({ registry, ...rest });
  metrics.pending('s', 0, 3);
  metrics.oldestPendingAge('s', 0, 1.5);
  metrics.lag('s', 0, 7);
  metrics.lag('s', 1, null);
  metrics.deadLetters('s', 0, 2);
  metrics.batchCommitted(64, 0.004);
  metrics.retried('entry');
  metrics.outboxAge(0, 0.25);
  metrics.parkedKeys(0, 1);
  const text = await registry.metrics();
  for (const line of [
    'stream_pending_count{stream="s",partition="0",service="x"} 3',
    'stream_oldest_pending_age_seconds{stream="s",partition="0",service="x"} 1.5',
    'stream_lag{stream="s",partition="0",service="x"} 7',
    'stream_lag{stream="s",partition="1",service="x"} -1',
    'stream_lag_unknown{stream="s",partition="0",service="x"} 0',
    'stream_lag_unknown{stream="s",partition="1",service="x"} 1',
    'dlq_entries{stream="s",partition="0",service="x"} 2',
    'stream_entries_total{service="x"} 64',
    'handler_duration_seconds_count{service="x"} 1',
    'retries_total{reason="entry",service="x"} 1',
    'outbox_age_seconds{partition="0",service="x"} 0.25',
    'parked_keys{partition="0",service="x"} 1',
  ]) {
    expect(text).toContain(line);
  }
  metrics.lost();
  const after = await registry.metrics();
  for (const name of [
    'stream_lag',
    'stream_lag_unknown',
    'stream_pending_count',
    'dlq_entries',
    'parked_keys',
  ])
    expect(after).not.toContain(`${name}{`);
  expect(after).toContain('stream_entries_total{service="x"} 64');
});
