/**
 * A parameter sweep on one worker thread and on two, as a ratio, the same trials of the same candles in turns; and how
 * long the thread that answers requests is held up meanwhile, asked for a health check's worth of work every 10 ms.
 * `node bench/optimizer.ts [--trials 1000] [--rounds 3] [--nice 0] [BTCUSDT.csv(.gz) ETHUSDT.csv(.gz)]`; without files
 * the reference week where this machine has it, else a made-up one. Needs two cores that nothing else uses.
 */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { type CandleColumns, parseCandleColumns, syntheticCandles, toColumns } from '@fleet/domain/candles';
import { readTradingConfiguration } from '@fleet/domain/configuration';
import { venueConfigSchema } from '@fleet/domain/matching';
import { strategyByName } from '@fleet/domain/strategies';
import { loadYaml } from '@fleet/shared/config';
import { referenceData } from '@fleet/testkit/reference-data';
import { shareColumns } from '../services/parameter-optimizer/src/candles/shared-columns.ts';
import { parameterDraws } from '../services/parameter-optimizer/src/search/draw.ts';
import { inParallel } from '../services/parameter-optimizer/src/studies/in-parallel.ts';
import { configurationFor } from '../services/parameter-optimizer/src/trials/trial.ts';
import { TrialPool } from '../services/parameter-optimizer/src/trials/trial-pool.ts';

const CONFIG = join(import.meta.dirname, '..', 'config');
const SYMBOLS = ['BTCUSDT', 'ETHUSDT'] as const;
const STRATEGY = 'ema-cross';
const WEEK = 7 * 1440;

const { values, positionals } = parseArgs({
  options: { trials: { type: 'string' }, rounds: { type: 'string' }, nice: { type: 'string' } },
  allowPositionals: true,
});
const trials = Math.max(10, Number(values.trials ?? 1_000));
const rounds = Math.max(1, Number(values.rounds ?? 3));
const nice = Number(values.nice ?? 0);

function columnsOf(index: number): CandleColumns {
  const symbol = SYMBOLS[index] as string;
  const path = positionals[index] ?? referenceData(`candles/${symbol}-1m-20240801-20240807.csv.gz`);
  if (path !== null) {
    const bytes = readFileSync(path);
    return parseCandleColumns((path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('latin1'), {
      symbol,
    });
  }
  const options = { seed: 'bench', symbol, interval: '1m', from: Date.UTC(2024, 7, 1), bars: WEEK };
  return toColumns(
    symbol,
    60_000,
    syntheticCandles({ ...options, startPrice: index === 0 ? '60000' : '3000', tickSize: '0.01' }),
  );
}

const columns = SYMBOLS.map((_, index) => columnsOf(index));
const configuration = readTradingConfiguration((file, schema) => loadYaml(join(CONFIG, file), schema), {
  replay: true,
});
const setup = {
  configuration: configurationFor(configuration, SYMBOLS),
  venue: loadYaml(join(CONFIG, 'venue.yaml'), venueConfigSchema),
  strategy: STRATEGY,
  candles: columns.map(shareColumns),
};
const period = {
  from: Math.min(...columns.map(({ openTime }) => openTime[0] ?? 0)),
  to: Math.max(...columns.map(({ openTime, length }) => (openTime[length - 1] ?? 0) + 60_000)),
};

/** Seconds of the sweep, and the 99th percentile of the delay of this thread's loop in milliseconds. */
async function sweep(pool: TrialPool, count: number) {
  const draws = parameterDraws(strategyByName(STRATEGY), 1);
  const drawn = Array.from({ length: count }, () => draws.next() ?? {});
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  const began = performance.now();
  await inParallel(drawn, pool.threads + 2, new AbortController().signal, async (parameters) => {
    const constraints = { tradesMin: 10, drawdownMax: 0.25 };
    await pool.trial({ setup, parameters, period, objective: 'totalReturn', constraints });
  });
  const seconds = (performance.now() - began) / 1_000;
  delay.disable();
  // The histogram counts its own resolution in.
  return { seconds, delayMs: Math.max(0, delay.percentile(99) / 1e6 - 10) };
}

/** What other programs take only adds to a time: the best of the rounds is nearest to the truth. */
const best = (numbers: readonly number[]): number => Math.min(...numbers);

const pools = [1, 2].map((threads) => new TrialPool({ threads, nice }));
const results = pools.map(() => [] as { readonly seconds: number; readonly delayMs: number }[]);
// The threads are warm before the clock starts, as they are in the service after its first study.
for (const pool of pools) await sweep(pool, 40);
for (let round = 0; round < rounds; round += 1) {
  for (const [index, pool] of pools.entries()) results[index]?.push(await sweep(pool, trials));
}
for (const pool of pools) await pool.close();
const [one = Number.NaN, two = Number.NaN] = results.map((each) => best(each.map(({ seconds }) => seconds)));
const bars = columns.reduce((sum, { length }) => sum + length, 0);
const line = {
  what: 'parameter sweep, two worker threads against one',
  ...{ trials, barsOfATrial: bars, rounds, cores: availableParallelism(), nice },
  secondsOneThread: Number(one.toFixed(2)),
  secondsTwoThreads: Number(two.toFixed(2)),
  ratio: Number((one / two).toFixed(2)),
  symbolBarsPerSecondTwoThreads: Math.round((trials * bars) / two),
  loopDelayMsP99: Number(best((results[1] ?? []).map(({ delayMs }) => delayMs)).toFixed(2)),
};
process.stdout.write(`${JSON.stringify(line)}\n`);
