import { expect, test } from 'vitest';
import { retryDelayMs } from './retry-plan.ts';

const delays = { retrySecondsMin: 1, retrySecondsMax: 60 };
const passing = { kind: 'retry', error: 'x', afterMs: null, needsPerson: false } as const;

test.each([
  ['first failure', passing, 1, 1, 1_000],
  ['the least jitter is half', passing, 1, 0, 500],
  ['third failure', passing, 3, 1, 4_000],
  ['the maximum', passing, 10, 1, 60_000],
  ['after very many', passing, 1_000_000, 1, 60_000],
  ['what Slack asked for counts, without jitter', { ...passing, afterMs: 7_000 }, 1, 0, 7_000],
  ['even above the maximum', { ...passing, afterMs: 600_000 }, 1, 1, 600_000],
  ['a person has to act', { ...passing, needsPerson: true }, 1, 0, 60_000],
])('%s', (_name, result, failures, random, expected) => {
  expect(retryDelayMs(result, failures, delays, random)).toBe(expected);
});
