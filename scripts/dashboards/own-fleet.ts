import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningFleet, startFleet } from '../fleet/fleet.ts';
import { fleetHome } from '../fleet/fleet-home.ts';
import { askJson } from '../fleet/http-json.ts';
import { copyLivelyConfig } from '../fleet/lively-config.ts';
import { chooseMarket } from '../fleet/market-choice.ts';
import { freePorts } from '../fleet/ports.ts';
import { type OwnPrometheus, startPrometheus } from './own-prometheus.ts';
import { untilTraded } from './until-traded.ts';

export interface OwnFleet {
  readonly prometheusUrl: string;
  stop(): Promise<void>;
}

/** Two bar sets a second. */
const SPEED = '120x';

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
    await untilTraded({ prometheusUrl: prometheus.url }, fleet.urls, signal);
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
