import { describe, expect, test } from 'vitest';
import { type Bar, toBar } from '../bars/index.ts';
import { syntheticCandles } from '../candles/index.ts';
import { createStreams, indicatorColumns } from './columns.fixture.ts';
import {
  createMoments,
  createRollingMaximum,
  populationVariance,
  pushMaximum,
  pushMoments,
} from './index.ts';

/**
 * Each column from its definition, over the whole window anew for every bar. Slow, and without any running sum:
 * what the streaming forms are held against on series of any length.
 */
function naiveColumn(name: string, bars: readonly Bar[]): number[] {
  const rule = RULES[name];
  if (rule === undefined) throw new Error(`no definition of ${name}`);
  return rule(bars);
}

const closes = (bars: readonly Bar[]) => bars.map((bar) => bar.close);
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const average = (values: readonly number[]) => sum(values) / values.length;

function windowed(values: readonly number[], n: number, rule: (window: number[]) => number): number[] {
  return values.map((_, i) => (i + 1 < n ? Number.NaN : rule(values.slice(i + 1 - n, i + 1))));
}

function deviation(window: readonly number[]): number {
  const mid = average(window);
  return Math.sqrt(average(window.map((value) => (value - mid) ** 2)));
}

/** An exponential average with the given weight, seeded by the average of its first n defined values. */
function smoothed(values: readonly number[], n: number, weight: number): number[] {
  const start = values.findIndex((value) => !Number.isNaN(value)) + n - 1;
  const result = values.map(() => Number.NaN);
  result[start] = average(values.slice(start - n + 1, start + 1));
  for (let i = start + 1; i < values.length; i += 1) {
    result[i] = result[i - 1]! * (1 - weight) + values[i]! * weight;
  }
  return result;
}

const ema = (values: readonly number[], n: number) => smoothed(values, n, 2 / (n + 1));
const changes = (values: readonly number[]) =>
  values.map((value, i) => (i === 0 ? Number.NaN : value - values[i - 1]!));
const typical = (bars: readonly Bar[]) => bars.map((bar) => (bar.high + bar.low + bar.close) / 3);

function macdLine(bars: readonly Bar[]): number[] {
  const all = closes(bars);
  const late = all.map((close, i) => (i < 14 ? Number.NaN : close));
  const slow = ema(all, 26);
  return ema(late, 12).map((value, i) => value - slow[i]!);
}

function rawStochastic(bars: readonly Bar[]): number[] {
  return bars.map((bar, i) => {
    if (i < 13) return Number.NaN;
    const window = bars.slice(i - 13, i + 1);
    const low = Math.min(...window.map((item) => item.low));
    const high = Math.max(...window.map((item) => item.high));
    return high === low ? 50 : (100 * (bar.close - low)) / (high - low);
  });
}

function trueRanges(bars: readonly Bar[]): number[] {
  return bars.map((bar, i) => {
    const close = bars[i - 1]?.close;
    if (close === undefined) return Number.NaN;
    return Math.max(bar.high - bar.low, Math.abs(bar.high - close), Math.abs(bar.low - close));
  });
}

const from = (start: number, values: readonly number[]) =>
  values.map((value, i) => (i < start ? Number.NaN : value));

const RULES: Record<string, (bars: readonly Bar[]) => number[]> = {
  sma_20: (bars) => windowed(closes(bars), 20, average),
  ema_12: (bars) => ema(closes(bars), 12),
  ema_26: (bars) => ema(closes(bars), 26),
  wma_10: (bars) => windowed(closes(bars), 10, (w) => sum(w.map((value, i) => value * (i + 1))) / 55),
  rsi_14: (bars) => {
    const moves = changes(closes(bars));
    const up = smoothed(
      moves.map((move) => Math.max(0, move)),
      14,
      1 / 14,
    );
    const down = smoothed(
      moves.map((move) => Math.max(0, -move)),
      14,
      1 / 14,
    );
    return up.map((gain, i) => (gain + down[i]! === 0 ? 50 : 100 - 100 / (1 + gain / down[i]!)));
  },
  atr_14: (bars) => smoothed(trueRanges(bars), 14, 1 / 14),
  roc_10: (bars) =>
    closes(bars).map((close, i, all) =>
      i < 10 ? Number.NaN : (100 * (close - all[i - 10]!)) / all[i - 10]!,
    ),
  bb_upper_20_2: (bars) => windowed(closes(bars), 20, (w) => average(w) + 2 * deviation(w)),
  bb_mid_20_2: (bars) => windowed(closes(bars), 20, average),
  bb_lower_20_2: (bars) => windowed(closes(bars), 20, (w) => average(w) - 2 * deviation(w)),
  macd_12_26_9: (bars) => from(33, macdLine(bars)),
  macd_signal: (bars) => ema(macdLine(bars), 9),
  donchian_high_20: (bars) =>
    windowed(
      bars.map((bar) => bar.high),
      20,
      (w) => Math.max(...w),
    ),
  donchian_low_20: (bars) =>
    windowed(
      bars.map((bar) => bar.low),
      20,
      (w) => Math.min(...w),
    ),
  stddev_20: (bars) => windowed(closes(bars), 20, deviation),
  obv: (bars) => {
    let value = bars[0]!.volume;
    return bars.map((bar, i) => {
      if (i > 0) value += Math.sign(bar.close - bars[i - 1]!.close) * bar.volume;
      return value;
    });
  },
  stoch_k_14_3: (bars) => from(17, windowed(rawStochastic(bars), 3, average)),
  stoch_d_3: (bars) => windowed(windowed(rawStochastic(bars), 3, average), 3, average),
  cci_20: (bars) =>
    windowed(typical(bars), 20, (w) => {
      const mid = average(w);
      const off = average(w.map((value) => Math.abs(value - mid)));
      return off === 0 ? 0 : (w[19]! - mid) / (0.015 * off);
    }),
  mfi_14: (bars) => {
    const prices = typical(bars);
    return changes(prices).map((_, i, moves) => {
      if (i < 14) return Number.NaN;
      const flow = (sign: number) =>
        sum(
          moves
            .slice(i - 13, i + 1)
            .map((move, k) => (move * sign > 0 ? prices[i - 13 + k]! * bars[i - 13 + k]!.volume : 0)),
        );
      const total = flow(1) + flow(-1);
      return total === 0 ? 50 : (100 * flow(1)) / total;
    });
  },
};

const NAIVE_COLUMNS: readonly string[] = Object.keys(RULES);

function candles(seed: string, startPrice: string, tickSize: string): Bar[] {
  const options = { seed, symbol: 'X', interval: '1m', from: 0, bars: 3_000, startPrice, tickSize };
  return syntheticCandles({ ...options, zeroVolumeShare: 0.02, jumpShare: 0.01 }).map((text) =>
    toBar('X', text),
  );
}

const SERIES: [string, Bar[]][] = [
  ['a dear coin', candles('dear', '98000', '0.01')],
  ['a cheap coin', candles('cheap', '0.00001234', '0.00000001')],
];

describe.each(SERIES)('on %s', (_name, bars) => {
  const columns = indicatorColumns(bars);
  test.each(NAIVE_COLUMNS)('%s equals its definition on every bar', (name) => {
    const expected = naiveColumn(name, bars);
    // A difference of prices loses the digits that they share: its error is measured against the price.
    const size = /macd/.test(name) ? bars[0]!.close : /stoch|cci|mfi|roc|rsi/.test(name) ? 1 : 0;
    for (const [row, value] of columns[name]!.entries()) {
      const wanted = expected[row]!;
      const error = Math.abs(value - wanted) / Math.max(Math.abs(wanted), size, 1e-30);
      const same = Number.isNaN(wanted) ? Number.isNaN(value) : error < 1e-9;
      if (!same) expect({ name, row, value }).toEqual({ name, row, value: wanted });
    }
  });
});

test('a flat market gives exact, neutral values and no number that is none', () => {
  const flat = Array.from({ length: 200 }, (_, i) => ({
    symbol: 'X',
    openTime: i,
    open: 0.1,
    high: 0.1,
    low: 0.1,
    close: 0.1,
    volume: 0,
  }));
  const busy = candles('before', '100', '0.01');
  const stream = createStreams();
  let last: Record<string, number> = {};
  for (const bar of [...busy, ...flat]) last = stream(bar);
  expect(last).toMatchObject({
    stddev_20: 0,
    bb_upper_20_2: 0.1,
    bb_lower_20_2: 0.1,
    cci_20: 0,
    mfi_14: 50,
    roc_10: 0,
    stoch_k_14_3: 50,
  });
  for (const value of Object.values(last)) expect(Number.isFinite(value)).toBe(true);
  const fresh = indicatorColumns(flat);
  expect(fresh['rsi_14']!.at(-1)).toBe(50);
  expect(fresh['adx_14']!.at(-1)).toBe(0);
});

test('a tiny deviation on a great price does not drift over a long series', () => {
  const state = createMoments(50);
  const ring: number[] = [];
  for (let i = 0; i < 200_000; i += 1) {
    const value = 1e8 + ((i * 7919) % 101) * 1e-4 + (i % 1000 === 0 ? 5e6 : 0);
    pushMoments(state, value);
    ring.push(value);
  }
  const window = ring.slice(-50);
  const mid = window.reduce((total, value) => total + value - 1e8, 0) / 50;
  const expected = window.reduce((total, value) => total + (value - 1e8 - mid) ** 2, 0) / 50;
  expect(Math.abs(populationVariance(state) / expected - 1)).toBeLessThan(1e-6);
});

test('the rolling maximum sees falling, rising and equal values leave', () => {
  const state = createRollingMaximum(3);
  expect([5, 4, 3, 2, 2, 1, 9, 9, 1, 1, 1].map((value) => pushMaximum(state, value))).toEqual([
    5, 5, 5, 4, 3, 2, 9, 9, 9, 9, 1,
  ]);
});
