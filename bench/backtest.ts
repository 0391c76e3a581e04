/**
 * Symbol-bars a second of the backtest's whole engine (strategy, sizing, gate, matching, accounting), one thread, as a
 * ratio to a floor of the same run: a hand-written loop over typed arrays that crosses two moving averages and keeps
 * equity and trades. One symbol and two apart; files are loaded before the clock starts. Beside the wall time stands the
 * thread's own time, which says what the engine costs on a machine that others use too.
 * `node bench/backtest.ts [--runs 5] [BTCUSDT.csv(.gz) ETHUSDT.csv(.gz)]`; without files the reference year where this
 * machine has it, else a made-up one.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { runBacktest } from '@fleet/domain/backtest';
import { type CandleColumns, parseCandleColumns, syntheticCandles, toColumns } from '@fleet/domain/candles';
import { readTradingConfiguration, type TradingConfiguration } from '@fleet/domain/configuration';
import { venueConfigSchema } from '@fleet/domain/matching';
import { loadYaml } from '@fleet/shared/config';
import { referenceData } from '@fleet/testkit/reference-data';

const CONFIG = join(import.meta.dirname, '..', 'config');
const YEAR = 525_600;
const SYMBOLS = ['BTCUSDT', 'ETHUSDT'] as const;

const { values, positionals } = parseArgs({ options: { runs: { type: 'string' } }, allowPositionals: true });
const runs = Math.max(1, Number(values.runs ?? 5));
const configuration = readTradingConfiguration((file, schema) => loadYaml(join(CONFIG, file), schema), {
  replay: true,
});
const venue = loadYaml(join(CONFIG, 'venue.yaml'), venueConfigSchema);

function columnsOf(index: number): { readonly columns: CandleColumns; readonly source: string } {
  const symbol = SYMBOLS[index] as string;
  const path = positionals[index] ?? referenceData(`candles/${symbol}-1m-20220101-20221231.csv.gz`);
  if (path !== null) {
    const bytes = readFileSync(path);
    const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('latin1');
    return { columns: parseCandleColumns(text, { symbol }), source: path.split('/').at(-1) ?? path };
  }
  const options = { seed: 'bench', symbol, interval: '1m', from: Date.UTC(2022, 0, 1), bars: YEAR };
  const bars = syntheticCandles({ ...options, startPrice: index === 0 ? '46000' : '3700', tickSize: '0.01' });
  return { columns: toColumns(symbol, 60_000, bars), source: `${symbol}, made up` };
}

/**
 * The floor: 20 and 50 closes averaged, all in or all out at the next open, 0.1 % a side; equity of every bar. Gives the
 * number of its trades.
 */
function floor({ close, open, length }: CandleColumns): number {
  const equity = new Float64Array(length);
  const trades: number[] = [];
  let fast = 0;
  let slow = 0;
  let cash = 10_000;
  let held = 0;
  let wish = 0;
  for (let i = 0; i < length; i += 1) {
    const price = open[i] as number;
    if (wish === 1 && held === 0) {
      held = (cash * 0.999) / price;
      cash = 0;
      trades.push(price);
    } else if (wish === 0 && held > 0) {
      cash = held * price * 0.999;
      held = 0;
      trades.push(-price);
    }
    const at = close[i] as number;
    fast += at - (i >= 20 ? (close[i - 20] as number) : 0);
    slow += at - (i >= 50 ? (close[i - 50] as number) : 0);
    wish = i >= 50 && fast / 20 > slow / 50 ? 1 : 0;
    equity[i] = cash + held * at;
  }
  if (Number.isNaN(equity[length - 1])) throw new Error('the floor lost its equity');
  return trades.length;
}

function only(all: TradingConfiguration, count: number): TradingConfiguration {
  const assignments = SYMBOLS.slice(0, count).flatMap(
    (symbol) => all.assignments.find((assignment) => assignment.symbol === symbol) ?? [],
  );
  const instruments = all.instruments.filter(({ symbol }) => assignments.some((a) => a.symbol === symbol));
  if (instruments.length < count)
    throw new Error(`config/strategies.yaml must trade ${SYMBOLS.join(' and ')}`);
  return { ...all, assignments, instruments };
}

interface Measured {
  readonly wall: readonly number[];
  readonly thread: readonly number[];
  readonly bars: number;
  readonly orders: number;
}

function measure(work: () => Pick<Measured, 'bars' | 'orders'>): Measured {
  const wall: number[] = [];
  const thread: number[] = [];
  let last = work();
  for (let run = 0; run < runs; run += 1) {
    const began = performance.now();
    const before = process.threadCpuUsage();
    last = work();
    const { user, system } = process.threadCpuUsage(before);
    wall.push((performance.now() - began) / 1_000);
    thread.push((user + system) / 1e6);
  }
  return { wall, thread, ...last };
}

/** Slowest, middle and fastest, bars a second. */
function speeds(seconds: readonly number[], bars: number): readonly [number, number, number] {
  const sorted = seconds.map((s) => bars / s).sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN;
  return [at(0), at(0.5), at(1)];
}

const million = (value: number) => (value / 1e6).toFixed(2);

function row(what: string, { wall, thread, bars, orders }: Measured, base: Measured | null): string {
  const [slowest, middle, fastest] = speeds(wall, bars);
  const own = speeds(thread, bars)[1];
  const orderRate = ((orders / bars) * 1_000).toFixed(2);
  const ratio = base === null ? '' : `  floor / ${(speeds(base.thread, base.bars)[1] / own).toFixed(0)}`;
  const range = `${million(slowest)}–${million(fastest)}`;
  return `${what.padEnd(24)}${million(middle).padStart(8)} (${range.padEnd(13)})${million(own).padStart(8)}${orderRate.padStart(10)}${ratio}`;
}

function engine(symbols: number): Measured {
  const candles = loaded.slice(0, symbols).map(({ columns }) => columns);
  const chosen = only(configuration, symbols);
  return measure(() => {
    const { bars, orders } = runBacktest({ configuration: chosen, venue, candles, record: 'fast' });
    return { bars, orders: orders.length };
  });
}

const loaded = [columnsOf(0), columnsOf(1)];
const first = (loaded[0] as (typeof loaded)[number]).columns;
const lowest = measure(() => ({ bars: first.length, orders: floor(first) }));
const lines = [
  `${runs} runs, median; ${loaded.map(({ source }) => source).join(', ')}; config/ as it is`,
  'million symbol-bars/s       wall (slowest–fastest)  thread  orders/1,000 bars',
  row('floor, typed loop', lowest, null),
  row('engine, one symbol', engine(1), lowest),
  row('engine, two symbols', engine(2), lowest),
  `resident ${Math.round(process.memoryUsage.rss() / 1e6)} MB`,
];
process.stdout.write(`${lines.join('\n')}\n`);
