import { expect, test } from 'vitest';
import { barsIn, splitPeriod } from './period.ts';

const DAY = 86_400_000;
const MINUTE = 60_000;
const HOUR = 3_600_000;
const from = Date.UTC(2024, 0, 1);
const utc = { timeZone: 'UTC', start: '00:00' };

test.each([
  ['a whole number of days', 10 * DAY, 0.3, utc, 7 * DAY],
  ['the next day begins within the first half of the test', 7 * DAY, 0.3, utc, 5 * DAY],
  ['no day begins soon enough', 2 * DAY, 0.4, utc, 2 * DAY - 0.8 * DAY],
  ['less than a day', 6 * HOUR, 0.5, utc, 3 * HOUR],
  ['days of another start', 10 * DAY, 0.3, { timeZone: 'UTC', start: '06:00' }, 7 * DAY + 6 * HOUR],
  ['days of another zone', 10 * DAY, 0.3, { timeZone: 'Asia/Tokyo', start: '00:00' }, 7 * DAY + 15 * HOUR],
])('%s', (_what, length, testShare, day, split) => {
  const periods = splitPeriod({ from, to: from + length, testShare }, { intervalMs: MINUTE, day });
  expect(periods.train).toEqual({ from, to: from + Math.round(split / MINUTE) * MINUTE });
  expect(periods.test).toEqual({ from: periods.train.to, to: from + length });
});

test('bars of a span', () => {
  expect(barsIn({ from: 0, to: 10 * MINUTE }, MINUTE)).toBe(10);
  expect(barsIn({ from: 10, to: 0 }, MINUTE)).toBe(0);
});
