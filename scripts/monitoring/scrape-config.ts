import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { root } from '../checks/source-tree.ts';

const relabelling = z.looseObject({
  action: z.string().optional(),
  source_labels: z.array(z.string()).optional(),
  regex: z.string().optional(),
});
const job = z.looseObject({
  job_name: z.string(),
  honor_labels: z.boolean().optional(),
  honor_timestamps: z.boolean().optional(),
  metric_relabel_configs: z.array(relabelling).optional(),
  static_configs: z.array(z.looseObject({ targets: z.array(z.string()) })),
});
const config = z.looseObject({
  global: z.looseObject({ scrape_interval: z.string() }),
  scrape_configs: z.array(job),
});

export type ScrapeJob = z.output<typeof job>;

export const PROMETHEUS_CONFIG = join(root, 'prometheus/prometheus.yml');

/** prometheus.yml. @throws when it is none. */
export function readPrometheusConfig(path = PROMETHEUS_CONFIG): z.output<typeof config> {
  return config.parse(parse(readFileSync(path, 'utf8')));
}

/** The job of the eight services. @throws when there is none. */
export function jobOf({ scrape_configs: jobs }: z.output<typeof config>, name: string): ScrapeJob {
  const found = jobs.find(({ job_name: each }) => each === name);
  if (found === undefined) throw new Error(`prometheus.yml has no job ${name}: add it to scrape_configs`);
  return found;
}

/** Whether a job keeps a series of that name; `service` is the label that its address gave it. */
export function keeps(
  { metric_relabel_configs: rules = [] }: ScrapeJob,
  name: string,
  service = '',
): boolean {
  const labels: Readonly<Record<string, string>> = { __name__: name, service };
  const kept = rules.filter(({ action }) => action === 'keep');
  return kept.every(({ source_labels: sources = [], regex = '' }) =>
    // Prometheus anchors them at both ends.
    new RegExp(`^(?:${regex})$`).test(sources.map((source) => labels[source] ?? '').join(';')),
  );
}
