import { expect, test } from 'vitest';
import { clockSkewMetric, createMetrics } from './index.ts';

test('each clock is compared with the middle of question and answer; a silent one has no series', async () => {
  const metrics = createMetrics({ service: 'x', version: '1', defaultMetrics: false });
  let now = 1_000_000;
  let redis: () => Promise<number> = async () => {
    now += 200;
    return 1_002_600;
  };
  clockSkewMetric(metrics, {
    wall: () => now,
    references: { redis: () => redis(), postgres: () => new Promise(() => {}) },
    timeoutMs: 5,
  });
  const text = await metrics.registry.metrics();
  expect(text).toContain('clock_skew_seconds{reference="redis",service="x"} 2.5');
  expect(text).not.toContain('reference="postgres"');
  redis = () => Promise.reject(new Error('away'));
  expect(await metrics.registry.metrics()).not.toContain('reference="redis"');
});
