import type { Metrics } from '../telemetry/index.ts';

/** Upper bounds in seconds: from a table look-up to a first verification with the provider asked. */
const CHECK_BUCKETS_SECONDS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1, 3];

export interface AccessMetrics {
  /** `code` is the refusal's, or how somebody came in: PERSON, SERVICE, INTERNAL, PUBLIC, TOKEN. */
  readonly decided: (outcome: 'granted' | 'refused', code: string) => void;
}

export function accessMetrics(metrics: Metrics): AccessMetrics {
  const decisions = metrics.counter({
    name: 'access_decisions_total',
    help: 'Requests by the decision about their access.',
    labelNames: ['outcome', 'code'],
  });
  return { decided: (outcome, code) => decisions.inc({ outcome, code }) };
}

export interface EdgeMetrics {
  readonly checked: (seconds: number) => void;
  readonly rows: (outcome: 'written' | 'dropped', count: number) => void;
  readonly fetched: (outcome: 'ok' | 'failed') => void;
}

export interface EdgeFigures {
  readonly jwksAgeSeconds: (() => number) | undefined;
  readonly jwksKeys: (() => number) | undefined;
  readonly filesFaults: () => ReadonlyMap<string, 0 | 1>;
  readonly people: () => number;
}

/** What exists with ACCESS_CONTROL=edge alone. */
export function edgeMetrics(metrics: Metrics, figures: EdgeFigures): EdgeMetrics {
  fileGauges(metrics, figures);
  keyGauges(metrics, figures);
  const check = metrics.histogram({
    name: 'access_check_seconds',
    help: 'Time that the check of one request took.',
    buckets: CHECK_BUCKETS_SECONDS,
  });
  const rows = metrics.counter({
    name: 'access_audit_rows_total',
    help: 'Calls for the table of calls, written or dropped.',
    labelNames: ['outcome'],
  });
  const fetches = metrics.counter({
    name: 'access_jwks_fetches_total',
    help: "Readings of the identity provider's keys.",
    labelNames: ['outcome'],
  });
  for (const outcome of ['written', 'dropped']) rows.inc({ outcome }, 0);
  for (const outcome of ['ok', 'failed']) fetches.inc({ outcome }, 0);
  return {
    checked: (seconds) => check.observe(seconds),
    rows: (outcome, count) => rows.inc({ outcome }, count),
    fetched: (outcome) => fetches.inc({ outcome }),
  };
}

function fileGauges(metrics: Metrics, { filesFaults, people }: EdgeFigures): void {
  metrics.gauge({
    name: 'access_file_faults',
    help: '1 while a file that decides about access is broken and its last good content holds.',
    labelNames: ['file'],
    collect: (gauge) => {
      for (const [file, broken] of filesFaults()) gauge.set({ file }, broken);
    },
  });
  metrics.gauge({
    name: 'access_people',
    help: 'People on the list.',
    collect: (gauge) => gauge.set(people()),
  });
}

function keyGauges(metrics: Metrics, { jwksAgeSeconds, jwksKeys }: EdgeFigures): void {
  if (jwksAgeSeconds === undefined || jwksKeys === undefined) return;
  metrics.gauge({
    name: 'access_jwks_age_seconds',
    help: "Since the identity provider's keys were last read, or since the start when they never were.",
    collect: (gauge) => gauge.set(jwksAgeSeconds()),
  });
  metrics.gauge({
    name: 'access_jwks_keys',
    help: "Number of the identity provider's keys at hand; without any nobody can enter.",
    collect: (gauge) => gauge.set(jwksKeys()),
  });
}
