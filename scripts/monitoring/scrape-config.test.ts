import { createMetrics } from '@fleet/shared/telemetry';
import { describe, expect, it, test } from 'vitest';
import { exporterMetricNames, metricNamesByOwner } from './metric-names.ts';
import { alertsOf, readRules } from './rules.ts';
import { jobOf, keeps, readPrometheusConfig } from './scrape-config.ts';

const config = readPrometheusConfig();
const services = jobOf(config, 'services');
const { common, own } = await metricNamesByOwner();

describe('what a service says of itself', () => {
  test('the owners are the services that are scraped', () => {
    const scraped = services.static_configs.flatMap(({ targets }) => targets);
    expect(scraped.map((target) => target.replace(/:\d+$/, '')).toSorted()).toEqual(
      [...own.keys()].toSorted(),
    );
  });

  it.each([...own.keys()])('%s: all of its own and of every service is kept', (service) => {
    const names = [...common, ...(own.get(service) ?? [])];
    expect(names.length).toBeGreaterThan(60);
    expect(names.filter((name) => !keeps(services, name, service))).toEqual([]);
  });

  it.each([...own.keys()])("%s: another service's is not believed", (service) => {
    const others = [...own].filter(([owner]) => owner !== service).flatMap(([, names]) => [...names]);
    expect(others.length).toBeGreaterThan(50);
    expect(others.filter((name) => keeps(services, name, service))).toEqual([]);
  });

  test('of what others export only that of its own process is believed, and no rule of Prometheus', async () => {
    const node = await createMetrics({ service: 'x', version: '1' }).registry.getMetricsAsJSON();
    const ofItsProcess = new Set(node.map(({ name }) => name));
    const foreign = [...exporterMetricNames()].filter((name) => !/^process_/.test(name));
    expect(ofItsProcess.size).toBeGreaterThan(20);
    expect(foreign.length).toBeGreaterThan(900);
    for (const name of [...foreign, 'slo:cycle_errors:ratio_rate5m', 'fleet:stream_lag:max'])
      expect([name, [...own.keys()].filter((service) => keeps(services, name, service))]).toEqual([name, []]);
  });
});

describe('every job', () => {
  it.each(config.scrape_configs.map((job) => [job.job_name, job] as const))(
    '%s: its labels and times are those of Prometheus',
    (_name, job) => {
      expect(job.honor_labels ?? false).toBe(false);
      expect(job.honor_timestamps).toBe(false);
      expect(keeps(job, 'up', 'orchestrator')).toBe(false);
      expect(keeps(job, 'scrape_samples_scraped', 'orchestrator')).toBe(false);
    },
  );

  test('bounds hold for each, narrower ones for the services', () => {
    const bounds = ['sample_limit', 'label_limit', 'label_name_length_limit', 'label_value_length_limit'];
    for (const bound of bounds) expect(Number(config.global[bound])).toBeGreaterThan(0);
    expect(config.global['body_size_limit']).toBe('8MB');
    expect(services['body_size_limit']).toBe('1MB');
    expect(Number(services['sample_limit'])).toBeLessThanOrEqual(2_000);
  });

  test('one job alone may export what a rule reads of the programs beside the services', () => {
    const names = [...exporterMetricNames()].filter(
      (name) => !/^(go|process|promhttp|net|up$|scrape|ALERTS|oauth2)/.test(name),
    );
    const jobsOf = (name: string) =>
      config.scrape_configs.filter((job) => keeps(job, name, 'x')).map(({ job_name }) => job_name);
    expect(alertsOf(readRules()).length).toBeGreaterThan(100);
    expect(names.filter((name) => jobsOf(name).length !== 1)).toEqual([]);
  });
});
