import { expect, test } from 'vitest';
import { createMetrics } from '../telemetry/index.ts';
import type { RunnerStatus } from './options.ts';
import { runnerMetrics } from './runner-metrics.ts';

const LEADING: RunnerStatus = {
  mode: 'running',
  ready: true,
  problem: null,
  leader: true,
  epoch: 7,
  run: 'r',
  partition: 0,
  streams: {
    'exec.status:{0}': { lag: 0, pending: 0, blockedFor: null },
    'market.bars:{1}': { lag: 1, pending: 0, blockedFor: 'day.opened' },
  },
  outboxUnpublished: 3,
  lastCommitAt: null,
  parkedKeys: [],
  inFlight: 0,
};

test('says who holds which lease, and of a standby nothing more', async () => {
  const metrics = createMetrics({ service: 'x', version: '1', defaultMetrics: false });
  let statuses: RunnerStatus[] = [LEADING];
  runnerMetrics(metrics, () => statuses);
  const leading = await metrics.registry.metrics();
  for (const line of [
    'stream_lease_held{partition="0",service="x"} 1',
    'stream_lease_epoch{partition="0",service="x"} 7',
    'stream_consumer_ready{partition="0",service="x"} 1',
    'stream_outbox_unpublished{partition="0",service="x"} 3',
    'stream_consumer_blocked{stream="exec.status",partition="0",service="x"} 0',
    'stream_consumer_blocked{stream="market.bars",partition="1",service="x"} 1',
  ])
    expect(leading).toContain(line);
  statuses = [{ ...LEADING, mode: 'acquiring', leader: false }];
  const standby = await metrics.registry.metrics();
  expect(standby).toContain('stream_lease_held{partition="0",service="x"} 0');
  for (const gone of ['stream_lease_epoch{', 'stream_consumer_blocked{', 'stream_outbox_unpublished{'])
    expect(standby).not.toContain(gone);
});
