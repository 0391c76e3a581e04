import { setTimeout as sleep } from 'node:timers/promises';
import { askJson } from '../fleet/http-json.ts';
import { RunFailure } from '../fleet/run-failure.ts';
import type { ServiceUrls } from '../fleet/services.ts';
import { type PrometheusAccess, sampleCount } from './prometheus-api.ts';

const TRADING_MS_MAX = 240_000;
const LOOK_EVERY_MS = 2_000;

/** It trades: fills, decisions and cycles, and the rates of all of them have samples. */
const ENOUGH = [
  'sum(fills_total) > 5',
  'sum(increase(cycles_total{outcome="complete"}[5m])) > 60',
  'sum(rate(order_decision_to_accept_seconds_count[1m])) > 0',
  'count(fleet:risk_denials:rate5m) > 0',
  'count(slo:api_errors:ratio_rate5m) > 0',
];

/** Resolves when Prometheus has seen the fleet trade and be asked, long enough for every rate. */
export async function untilTraded(
  access: PrometheusAccess,
  urls: ServiceUrls,
  signal: AbortSignal,
): Promise<void> {
  const deadline = performance.now() + TRADING_MS_MAX;
  for (;;) {
    signal.throwIfAborted();
    await visit(urls);
    const counts = await Promise.all(ENOUGH.map((query) => sampleCount(access, query).catch(() => 0)));
    const missing = ENOUGH.filter((_query, index) => counts[index] === 0);
    if (missing.length === 0) return;
    if (performance.now() > deadline)
      throw new RunFailure(
        `the fleet does not trade as it should:\n  ${missing.join('\n  ')}`,
        'run scripts/demo --speed 120x and read its logs',
      );
    await sleep(LOOK_EVERY_MS);
  }
}

/** What people ask of a fleet, answered or refused: both are counted. */
async function visit(urls: ServiceUrls): Promise<void> {
  const asked = [
    ...Object.values(urls).map((url) => `${url}/status`),
    `${urls.orchestrator}/admin/streams/pending`,
  ];
  for (const url of asked) await askJson(url).catch(() => undefined);
}
