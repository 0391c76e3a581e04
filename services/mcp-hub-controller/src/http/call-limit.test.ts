import { expect, test } from 'vitest';
import { CallLimit } from './call-limit.ts';

test('so many a minute by address, then the seconds to wait', () => {
  let now = 0;
  const limit = new CallLimit(2, () => now);
  expect([limit.take('a'), limit.take('a'), limit.take('a')]).toEqual([0, 0, 60]);
  expect(limit.take('b')).toBe(0);
  now = 59_999;
  expect(limit.take('a')).toBe(1);
  now = 60_000;
  expect(limit.take('a')).toBe(0);
});
