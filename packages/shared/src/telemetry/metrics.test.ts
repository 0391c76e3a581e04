import { describe, expect, it } from 'vitest';
import { createMetrics } from './index.ts';

const options = { service: 'test', version: '1.2.3' };

describe('createMetrics', () => {
  it('has registries that do not share metrics', async () => {
    const [left, right] = [createMetrics(options), createMetrics(options)];
    left.counter({ name: 'left_total', help: 'x' }).inc();
    expect(await left.registry.metrics()).toContain('left_total{service="test"} 1');
    expect(await right.registry.metrics()).not.toContain('left_total');
  });

  it('has default metrics, the version and the HTTP histogram', async () => {
    const metrics = createMetrics(options);
    metrics.httpRequestDuration.observe({ method: 'GET', route: '/x', status: '200' }, 0.02);
    const text = await metrics.registry.metrics();
    expect(text).toContain('process_cpu_user_seconds_total');
    expect(text).toContain('service_info{version="1.2.3",service="test"} 1');
    expect(text).toMatch(/http_request_duration_seconds_bucket\{le="0.025".*route="\/x".*\} 1/);
  });

  it('collects gauges at the scrape', async () => {
    const metrics = createMetrics({ ...options, defaultMetrics: false });
    let value = 1;
    metrics.gauge<'kind'>({
      name: 'depth',
      help: 'x',
      labelNames: ['kind'],
      collect: (gauge) => gauge.set({ kind: 'a' }, value),
    });
    value = 7;
    expect(await metrics.registry.metrics()).toContain('depth{kind="a",service="test"} 7');
  });

  it('refuses a name that is taken', () => {
    const metrics = createMetrics({ ...options, defaultMetrics: false });
    metrics.counter({ name: 'twice_total', help: 'x' });
    expect(() => metrics.counter({ name: 'twice_total', help: 'x' })).toThrow(/already been registered/);
  });
});
