import { expect, test } from 'vitest';
import { normalDistribution, normalQuantile } from './normal.ts';

// scipy 1.17.1, `norm.cdf` and `norm.ppf`.
test.each([
  [-8.5, 9.47953482220325e-18],
  [-3, 0.0013498980316300933],
  [-1.96, 0.024997895148220435],
  [0, 0.5],
  [0.3, 0.6179114221889526],
  [2.5, 0.9937903346742238],
])('distribution at %s', (x, expected) => {
  expect(Math.abs(normalDistribution(x) / expected - 1)).toBeLessThan(1e-13);
});

test.each([
  [0.975, 1.959963984540054],
  [1e-10, -6.361340902404056],
  [0.7, 0.5244005127080407],
])('quantile at %s', (probability, expected) => {
  expect(Math.abs(normalQuantile(probability) / expected - 1)).toBeLessThan(1e-13);
});

test('the two are each other’s inverse, also where the method changes', () => {
  for (let x = -6; x <= 3; x += 0.01) expect(normalQuantile(normalDistribution(x))).toBeCloseTo(x, 10);
  expect(normalDistribution(2 + 1e-12) - normalDistribution(2)).toBeGreaterThanOrEqual(0);
});

test('ends and nonsense', () => {
  expect(normalQuantile(0)).toBe(Number.NEGATIVE_INFINITY);
  expect(normalQuantile(1)).toBe(Number.POSITIVE_INFINITY);
  for (const wrong of [-0.1, 1.1, Number.NaN]) expect(() => normalQuantile(wrong)).toThrow(RangeError);
});
