import { expect, test } from 'vitest';
import type { EquityCurve, EquityDay } from './equity-days.ts';
import { targetFeasibility, wilsonInterval } from './target-feasibility.ts';

const HOUR = 3_600_000;

/** One day of marks each, from an opening equity of 1000 on the first day. */
function history(paths: number[][], deposits: number[] = []): { days: EquityDay[]; curve: EquityCurve } {
  let openEquity = 1000;
  const days = paths.map((marks, i): EquityDay => {
    const day = {
      day: `2024-08-0${i + 1}`,
      openTime: i * 24 * HOUR,
      openEquity,
      closeEquity: marks.at(-1) ?? openEquity,
    };
    openEquity = day.closeEquity;
    return { ...day, netDeposits: deposits[i] ?? 0 };
  });
  const times = paths.flatMap((marks, i) => marks.map((_, k) => i * 24 * HOUR + k * HOUR));
  return { days, curve: { times: Float64Array.from(times), equity: Float64Array.from(paths.flat()) } };
}

test('counts which came first, target or cap, by the marks of each day', () => {
  const { days, curve } = history([
    [1005, 1010, 970, 1000], // target first, later beyond the cap
    [995, 980, 1012, 1000], // cap first, later the target
    [1009.9, 980.1, 1000], // neither
    [1010, 1000], // target exactly
    [980, 1000], // cap exactly
    [], // a day without bars
  ]);
  const result = targetFeasibility(days, curve, 1, 2);
  expect([result.targetFirst.count, result.capFirst.count, result.neither.count, result.capDays]).toEqual([
    2, 2, 2, 3,
  ]);
  expect(result.targetFirst.share).toBeCloseTo(1 / 3, 15);
  expect(result.annualGrowth).toBeNull();
  expect(result.annualGrowthIfEveryDay).toBeCloseTo(36.783, 3);
});

test('a deposit is no profit', () => {
  const { days, curve } = history([[1100, 1104]], [100]);
  const result = targetFeasibility(days, curve, 1, 2);
  expect(result.targetFirst.count).toBe(0);
  expect(result.dayResultPct.mean).toBeCloseTo(0.4, 12);
});

test('gives the distribution of the days and the growth that follows from it', () => {
  const { days, curve } = history([[1010], [1010 * 0.99]]);
  const { dayResultPct } = targetFeasibility(days, curve, 1, 2);
  expect(dayResultPct.mean).toBeCloseTo(0, 12);
  expect(dayResultPct.percentiles['0']).toBeCloseTo(-1, 12);
  expect(dayResultPct.percentiles['50']).toBeCloseTo(0, 12);
  expect(dayResultPct.percentiles['100']).toBeCloseTo(1, 12);
});

// scipy 1.17.1, `binomtest(count, total).proportion_ci(0.95, method="wilson")`.
test.each([
  [7, 30, 0.11792388144489496, 0.40928326158122164],
  [0, 30, 0, 0.11351339317396875],
])('Wilson interval of %i in %i', (count, total, low, high) => {
  const found = wilsonInterval(count, total);
  expect(found.low).toBeCloseTo(low, 12);
  expect(found.high).toBeCloseTo(high, 12);
  const mirrored = wilsonInterval(total - count, total);
  expect(mirrored.low).toBeCloseTo(1 - high, 12);
});

test('of no days nothing is known', () => {
  expect(wilsonInterval(0, 0)).toEqual({ count: 0, share: 0, low: 0, high: 1 });
});
