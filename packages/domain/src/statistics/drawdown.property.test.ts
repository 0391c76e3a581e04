import fc from 'fast-check';
import { expect, test } from 'vitest';
import { maxDrawdown, underWater } from './drawdown.ts';

const CURVES = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 40 });

test('the deepest drawdown is the worst of all pairs of an earlier and a later value', () => {
  fc.assert(
    fc.property(CURVES, (equity) => {
      let worst = 0;
      for (let i = 0; i < equity.length; i += 1) {
        for (let k = i; k < equity.length; k += 1) worst = Math.min(worst, equity[k]! / equity[i]! - 1);
      }
      const found = maxDrawdown(
        equity,
        equity.map((_, i) => i),
      )!;
      expect(found.depth).toBe(worst);
      expect(equity[found.end]! / equity[found.start]! - 1).toBe(worst);
      const back = equity.findIndex((value, i) => i >= found.end && value >= equity[found.start]!);
      expect(found.recovery).toBe(back < 0 ? null : back);
    }),
  );
});

test('under water is where an earlier value was higher, for as long as no value is back', () => {
  fc.assert(
    fc.property(CURVES, (equity) => {
      const peaks = equity.map((_, i) => Math.max(...equity.slice(0, i + 1)));
      const wet = equity.map((value, i) => value < peaks[i]!);
      let longest = 0;
      for (const [i, below] of wet.entries()) {
        const since = wet.lastIndexOf(false, i);
        const dry = wet.indexOf(false, i);
        if (below) longest = Math.max(longest, (dry < 0 ? equity.length - 1 : dry) - since);
      }
      expect(
        underWater(
          equity,
          equity.map((_, i) => i),
        ),
      ).toEqual({
        share: wet.filter(Boolean).length / equity.length,
        longest,
      });
    }),
  );
});

test('an empty curve has none', () => {
  expect(maxDrawdown([], [])).toBeNull();
  expect(underWater([], [])).toBeNull();
});
