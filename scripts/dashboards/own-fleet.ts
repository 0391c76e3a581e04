import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type RunningFleet, startFleet } from '../fleet/fleet.ts';
import { fleetHome } from '../fleet/fleet-home.ts';
import { askJson } from '../fleet/http-json.ts';
import { copyLivelyConfig } from '../fleet/lively-config.ts';
import { chooseMarket } from '../fleet/market-choice.ts';
import { freePorts } from '../fleet/ports.ts';
import { RunFailure } from '../fleet/run-failure.ts';
import { type OwnPrometheus, startPrometheus } from './own-prometheus.ts';
import { sampleCount } from './prometheus-api.ts';

export interface OwnFleet {
  readonly prometheusUrl: string;
  stop(): Promise<void>;
}

/** Two bar sets a second. */
const SPEED = '120x';
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

/** The eight services as processes on a market that moves, Prometheus and the exporters as containers. */
export async function startOwnFleet(
  root: string,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<OwnFleet> {
  const folder = mkdtempSync(join(tmpdir(), 'fleet-queries-'));
  const ends: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
  const stop = async (): Promise<void> => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    const fleet = await startTradingFleet(root, folder, say, signal);
    ends.push(() => fleet.stop());
    const prometheus = await watch(root, folder, fleet);
    ends.push(() => prometheus.stop());
    await askJson(`${fleet.controlUrl}/control/speed`, { method: 'POST', body: { speed: SPEED } });
    say(`trading at ${SPEED}; waiting until there is something to see`);
    await untilTraded(prometheus.url, () => visit(fleet), signal);
    return { prometheusUrl: prometheus.url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startTradingFleet(
  root: string,
  folder: string,
  say: (line: string) => void,
  signal: AbortSignal,
) {
  const configDir = join(folder, 'config');
  copyLivelyConfig(join(root, 'config'), configDir);
  const home = fleetHome(join(folder, 'home'));
  mkdirSync(home.dir, { recursive: true });
  const request = { candles: [], symbols: ['BTCUSDT', 'ETHUSDT'], seed: 'queries', fresh: true };
  const broken = new AbortController();
  return await startFleet({
    ...{ home, configDir, say, speed: SPEED, fresh: true, rolePrefix: 'fleet' },
    market: chooseMarket(home, request, configDir),
    onGiveUp: (failure) => broken.abort(failure),
    signal: AbortSignal.any([signal, broken.signal]),
  });
}

async function watch(root: string, folder: string, fleet: RunningFleet): Promise<OwnPrometheus> {
  const [prometheus = 0, redis = 0, postgres = 0, node = 0] = await freePorts(4);
  const config = join(folder, 'prometheus');
  mkdirSync(config);
  return await startPrometheus({
    folder: config,
    rules: join(root, 'prometheus/rules'),
    urls: fleet.urls,
    redisUrl: fleet.stores.redis.url,
    postgresUrl: fleet.databaseUrl,
    ports: [prometheus, redis, postgres, node],
  });
}

/** What people ask of a fleet: an answer of each service, and a refusal without a token. */
async function visit({ urls }: RunningFleet): Promise<void> {
  for (const url of Object.values(urls)) await askJson(`${url}/status`);
  await askJson(`${urls.orchestrator}/admin/streams/pending`).catch(() => undefined);
}

async function untilTraded(
  prometheusUrl: string,
  visited: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const deadline = performance.now() + TRADING_MS_MAX;
  for (;;) {
    signal.throwIfAborted();
    await visited();
    const counts = await Promise.all(
      ENOUGH.map((query) => sampleCount({ prometheusUrl }, query).catch(() => 0)),
    );
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
