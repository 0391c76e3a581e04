import fc from 'fast-check';
import { expect, it } from 'vitest';
import { barsPerYear, ReturnWindow } from './volatility.ts';

/** Sample standard deviation by its definition. */
function naive(closes: readonly number[], size: number): number {
  const returns = closes.slice(1).map((close, i) => close / (closes[i] as number) - 1);
  const window = returns.slice(-size);
  const mean = window.reduce((a, b) => a + b, 0) / size;
  return Math.sqrt(window.reduce((sum, r) => sum + (r - mean) ** 2, 0) / (size - 1));
}

const series = fc.array(fc.double({ min: 0.01, max: 1e5, noNaN: true }), { minLength: 1, maxLength: 120 });

it('is the sample deviation of the last returns', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: -0.05, max: 0.05, noNaN: true }), { minLength: 12, maxLength: 200 }),
      (moves) => {
        const closes = [100];
        for (const move of moves) closes.push((closes.at(-1) as number) * (1 + move));
        const window = new ReturnWindow(10);
        for (const close of closes) window.push(close);
        expect(window.deviation()).toBeCloseTo(naive(closes, 10), 9);
      },
    ),
  );
});

it('says 0 until its returns are there', () => {
  const window = new ReturnWindow(10);
  for (let i = 0; i < 10; i += 1) window.push(100 + i);
  expect([window.full, window.deviation()]).toEqual([false, 0]);
  window.push(110);
  expect(window.full).toBe(true);
});

it('replayed from the closes that decide it has the same bits, now and ever after', () => {
  fc.assert(
    fc.property(series, series, fc.integer({ min: 2, max: 20 }), (before, after, size) => {
      const kept = new ReturnWindow(size);
      for (const close of before) kept.push(close);
      const replayed = ReturnWindow.replay(size, before.slice(-ReturnWindow.historyOf(size)), before.length);
      expect(replayed.deviation()).toBe(kept.deviation());
      for (const close of after) {
        kept.push(close);
        replayed.push(close);
        expect(replayed.deviation()).toBe(kept.deviation());
      }
    }),
  );
});

it('refuses to be replayed from too few closes', () => {
  expect(() => ReturnWindow.replay(10, [1, 2, 3], 50)).toThrow('needs its last 21 closes');
});

it('counts the bars of a year of 365 days', () => {
  expect(barsPerYear(60_000)).toBe(525_600);
});
