import { expect, test } from 'vitest';
import { INTERVALS, IntervalUnknownError, intervalMs, intervalName, isInterval } from './interval.ts';

test('every interval has its length and its length its name', () => {
  expect(intervalMs('1m')).toBe(60_000);
  expect(intervalMs('4h')).toBe(14_400_000);
  expect(intervalMs('1d')).toBe(86_400_000);
  for (const [name, ms] of Object.entries(INTERVALS)) expect(intervalName(ms)).toBe(name);
  expect(intervalName(7)).toBeNull();
});

test.each(['', '1M', '1w', '60', 'toString', '__proto__'])(
  'refuses "%s" and says what is known',
  (interval) => {
    expect(isInterval(interval)).toBe(false);
    expect(() => intervalMs(interval)).toThrow(IntervalUnknownError);
    expect(() => intervalMs(interval)).toThrow(/1m, 3m, 5m/);
  },
);
