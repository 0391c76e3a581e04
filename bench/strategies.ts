/**
 * Speed of the pure inner parts, one thread: reading a candle file into columns, and each strategy's `onBar` alone.
 * `node bench/strategies.ts [file.csv|file.csv.gz]`; without a file, a year of made-up minutes. Prints JSON lines
 * with the median of the rounds.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Bar } from '@fleet/domain/bars';
import { columnBar, formatCandleText, parseCandleColumns, syntheticCandles } from '@fleet/domain/candles';
import { type AnyStrategy, STRATEGIES } from '@fleet/domain/strategies';

const ROUNDS = 7;

function candleText(file: string | undefined): string {
  if (file !== undefined) {
    const bytes = readFileSync(file);
    return (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('latin1');
  }
  const options = { seed: 'bench', symbol: 'BTCUSDT', interval: '1m', from: 0, bars: 525_600 };
  return formatCandleText(syntheticCandles({ ...options, startPrice: '42000', tickSize: '0.01' }));
}

/** Median seconds of a few rounds, after one that only warms up. */
function medianSeconds(run: () => void): number {
  run();
  const seconds = Array.from({ length: ROUNDS }, () => {
    const started = performance.now();
    run();
    return (performance.now() - started) / 1000;
  });
  return seconds.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? Number.NaN;
}

function report(what: string, bars: number, seconds: number): void {
  const line = {
    what,
    bars,
    milliseconds: Math.round(seconds * 1e4) / 10,
    barsPerSecond: Math.round(bars / seconds),
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function trade(strategy: AnyStrategy, bars: readonly Bar[]): number {
  const parameters = strategy.parameters.parse({});
  const state = strategy.create(parameters);
  let held = 0;
  for (const bar of bars) held += strategy.onBar(parameters, state, bar).target;
  return held;
}

const text = candleText(process.argv[2]);
const columns = parseCandleColumns(text, { symbol: 'BTCUSDT' });
const bars = Array.from({ length: columns.length }, (_, row) => columnBar(columns, row));
report(
  'parse candle text into columns',
  bars.length,
  medianSeconds(() => parseCandleColumns(text, { symbol: 'BTCUSDT' })),
);
for (const strategy of STRATEGIES.values()) {
  report(
    `onBar ${strategy.name}`,
    bars.length,
    medianSeconds(() => trade(strategy, bars)),
  );
}
