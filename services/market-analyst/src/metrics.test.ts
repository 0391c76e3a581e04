import { createMetrics } from '@fleet/shared/telemetry';
import { expect, test } from 'vitest';
import { createAnalystMetrics } from './metrics.ts';
import type { AnalystState } from './signals/state.ts';

test('says which symbols are stale, when a bar came last, and nothing in a standby', async () => {
  const metrics = createMetrics({ service: 'x', version: '1', defaultMetrics: false });
  const symbols = new Map([
    ['BTCUSDT', { symbol: 'BTCUSDT', stale: true }],
    ['ETHUSDT', { symbol: 'ETHUSDT', stale: false }],
  ]);
  let state: AnalystState | null = { symbols } as unknown as AnalystState;
  const analyst = createAnalystMetrics(metrics, { state: () => state, wall: () => 1_700_000_000_500 });
  analyst.published({ openTime: 0, symbols: ['BTCUSDT'], missing: ['ETHUSDT'] }, 0.2);
  const said = await metrics.registry.metrics();
  for (const line of [
    'market_data_stale{symbol="BTCUSDT",service="x"} 1',
    'market_data_stale{symbol="ETHUSDT",service="x"} 0',
    'bar_last_published_timestamp_seconds{symbol="BTCUSDT",service="x"} 1700000000.5',
    'bars_total{symbol="BTCUSDT",service="x"} 1',
    'bars_missing_total{symbol="ETHUSDT",service="x"} 1',
    'bar_latency_seconds_count{service="x"} 1',
  ])
    expect(said).toContain(line);
  expect(said).not.toContain('bar_last_published_timestamp_seconds{symbol="ETHUSDT"');
  state = null;
  expect(await metrics.registry.metrics()).not.toContain('market_data_stale{');
});
