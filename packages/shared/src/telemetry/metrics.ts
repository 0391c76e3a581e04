import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export type { Gauge } from 'prom-client';

export interface MetricsOptions {
  readonly service: string;
  readonly version: string;
  /** Process and event loop metrics; true when absent. Tests with many registries switch them off. */
  readonly defaultMetrics?: boolean;
}

export interface MetricDefinition<Label extends string> {
  readonly name: string;
  readonly help: string;
  readonly labelNames?: readonly Label[];
}

export interface GaugeDefinition<Label extends string> extends MetricDefinition<Label> {
  /** Called at each scrape to set the gauge; must be quick. */
  readonly collect?: (gauge: Gauge<Label>) => void | Promise<void>;
}

export interface HistogramDefinition<Label extends string> extends MetricDefinition<Label> {
  /** Upper bounds, ascending, in the unit of the name (seconds). */
  readonly buckets?: readonly number[];
}

export interface Metrics {
  readonly registry: Registry;
  readonly httpRequestDuration: Histogram<'method' | 'route' | 'status'>;
  /** Of a closed list, each from 0: what alerts count. */
  readonly httpRequestOutcomes: Counter<'area' | 'outcome'>;
  counter<Label extends string = string>(definition: MetricDefinition<Label>): Counter<Label>;
  gauge<Label extends string = string>(definition: GaugeDefinition<Label>): Gauge<Label>;
  histogram<Label extends string = string>(definition: HistogramDefinition<Label>): Histogram<Label>;
}

/** Upper bounds in seconds: from an answer out of memory to a request that is about to be cut off. */
export const DURATION_BUCKETS_SECONDS = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];

/** A registry of the service's own (never prom-client's global one), each metric labelled with `service`. */
export function createMetrics(options: MetricsOptions): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service: options.service });
  if (options.defaultMetrics ?? true) collectDefaultMetrics({ register: registry });
  const metrics: Metrics = {
    registry,
    httpRequestDuration: httpHistogram(registry),
    httpRequestOutcomes: httpOutcomes(registry),
    counter: (definition) => new Counter({ ...base(definition), registers: [registry] }),
    gauge: (definition) => gauge(registry, definition),
    histogram: (definition) =>
      new Histogram({
        ...base(definition),
        buckets: [...(definition.buckets ?? DURATION_BUCKETS_SECONDS)],
        registers: [registry],
      }),
  };
  metrics
    .gauge({ name: 'service_info', help: 'Always 1; the version is a label.', labelNames: ['version'] })
    .set({ version: options.version }, 1);
  return metrics;
}

function httpHistogram(registry: Registry): Metrics['httpRequestDuration'] {
  return new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the request line to the end of the answer, by route pattern.',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: DURATION_BUCKETS_SECONDS,
    registers: [registry],
  });
}

/** Where a request went. Probes ask every few seconds and are no use of the API. */
const HTTP_AREAS = ['admin', 'api', 'probe'] as const;
/** `refused`: 401 and 403. `failed`: 5xx. */
const HTTP_OUTCOMES = ['answered', 'refused', 'failed'] as const;
export type HttpArea = (typeof HTTP_AREAS)[number];
export type HttpOutcome = (typeof HTTP_OUTCOMES)[number];

/**
 * A series of the histogram begins with its first request, and Prometheus sees no increase in a value that a series is born
 * with. These are there from the start.
 */
function httpOutcomes(registry: Registry): Metrics['httpRequestOutcomes'] {
  const outcomes = new Counter({
    name: 'http_request_outcomes_total',
    help: 'Requests by area (admin, api, probe) and outcome (answered, refused: 401 or 403, failed: 5xx).',
    labelNames: ['area', 'outcome'] as const,
    registers: [registry],
  });
  for (const area of HTTP_AREAS) for (const outcome of HTTP_OUTCOMES) outcomes.inc({ area, outcome }, 0);
  return outcomes;
}

function gauge<Label extends string>(registry: Registry, definition: GaugeDefinition<Label>): Gauge<Label> {
  const { collect } = definition;
  const created: Gauge<Label> = new Gauge<Label>({
    ...base(definition),
    registers: [registry],
    ...(collect === undefined ? {} : { collect: () => collect(created) }),
  });
  return created;
}

function base<Label extends string>(definition: MetricDefinition<Label>) {
  return { name: definition.name, help: definition.help, labelNames: [...(definition.labelNames ?? [])] };
}
