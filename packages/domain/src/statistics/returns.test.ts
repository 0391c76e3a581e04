import { expect, test } from 'vitest';
import { compareWithBenchmark } from './benchmark.ts';
import * as returns from './returns.ts';
import { percentile, sampleDeviation } from './series.ts';
import { deflatedSharpe, expectedBestSharpe, probabilisticSharpe } from './sharpe-significance.ts';
import * as tails from './tails.ts';

const days = (count: number) => Array.from({ length: count }, (_, i) => (i % 3 === 0 ? -0.01 : 0.008));

test('nothing is annualised under 30 days', () => {
  const annualised = [
    returns.cagr,
    returns.annualVolatility,
    returns.sharpe,
    returns.sortino,
    returns.downsideRisk,
  ];
  for (const figure of annualised) {
    expect(figure(days(29))).toBeNull();
    expect(figure(days(30))).not.toBeNull();
  }
  expect(compareWithBenchmark(days(29), days(29)).alpha).toBeNull();
  expect(compareWithBenchmark(days(30), days(30)).alpha).toBeCloseTo(0, 12);
  expect(returns.totalReturn(days(3))).toBeCloseTo(0.99 * 1.008 * 1.008 - 1, 15);
});

test('without losses, without deviation and without days there is no ratio, and never an infinite one', () => {
  const up = Array.from({ length: 40 }, (_, i) => 0.001 * (1 + (i % 2)));
  const same = new Array<number>(40).fill(0.001);
  const flat = new Array<number>(40).fill(0);
  expect([returns.omega(up), returns.sortino(up), returns.gainToPain(up), returns.payoff(up)]).toEqual([
    null,
    null,
    null,
    null,
  ]);
  for (const series of [same, flat]) {
    expect(returns.sharpe(series)).toBeNull();
    expect(probabilisticSharpe(series)).toBeNull();
    expect(tails.populationSkew(series)).toBeNull();
    expect(tails.sampleKurtosis(series)).toBeNull();
  }
  expect(returns.kelly(flat)).toBeNull();
  expect(returns.winRate(flat)).toBeNull();
  expect(returns.stability(flat)).toBeNull();
  expect(returns.stability([0.1, -1, 0.1])).toBeNull();
  expect([percentile([], 0.5), tails.valueAtRisk([], 0.95), tails.conditionalValueAtRisk([], 0.95)]).toEqual([
    null,
    null,
    null,
  ]);
  expect(returns.calmar(0.5, 0)).toBeNull();
});

test('percentiles lie between neighbours, ends included', () => {
  expect([0, 0.25, 0.5, 1].map((share) => percentile([4, 1, 3, 2], share))).toEqual([1, 1.75, 2.5, 4]);
  expect(sampleDeviation([2, 4, 4, 4, 5, 5, 7, 9])).toBeCloseTo(Math.sqrt(32 / 7), 14);
});

test('the expected best of many trials grows with their number; one trial deflates nothing', () => {
  expect(expectedBestSharpe(1, 0.01)).toBe(0);
  expect(expectedBestSharpe(1000, 0.0004)).toBeGreaterThan(expectedBestSharpe(100, 0.0004));
  expect(deflatedSharpe(days(90), 1, 0.01)).toBe(probabilisticSharpe(days(90)));
  expect(() => expectedBestSharpe(0, 1)).toThrow(RangeError);
  expect(() => expectedBestSharpe(10, -1)).toThrow(RangeError);
});

test('a benchmark of other days is refused', () => {
  expect(() => compareWithBenchmark([0.1], [0.1, 0.2])).toThrow(/2 days, the returns have 1/);
});
