import { ConfigError } from '@fleet/shared/config';
import { checkout } from '@fleet/testkit/infrastructure';
import { expect, test } from 'vitest';
import { readConfig, readTrading } from './config.ts';

const env = {
  DATABASE_URL: 'postgres://x@127.0.0.1/x',
  REDIS_URL: 'redis://127.0.0.1',
  CONFIG_DIR: `${checkout}/config`,
};

test('safe defaults', () => {
  expect(readConfig(env)).toMatchObject({ PORT: 7001, CYCLE_TIMEOUT_MS: 30_000, FLATTEN_TIMEOUT_MS: 60_000 });
});

test('the environment overrides the day, and a replay resumes the next day', () => {
  const config = readConfig({ ...env, DAILY_TARGET_PCT: '0.5' });
  expect(readTrading(config, true).day).toMatchObject({ targetPct: 0.5, lossCapResume: 'next-day' });
  expect(readTrading(config, false).day.lossCapResume).toBe('person');
});

test.each([
  ['a time-out that is none', { CYCLE_TIMEOUT_MS: 'soon' }, /CYCLE_TIMEOUT_MS/],
  ['a setting that it does not know', { FLATTEN_TIME: '5' }, /FLATTEN_TIME/],
  ['a target of zero', { DAILY_TARGET_PCT: '0' }, /DAILY_TARGET_PCT/],
])('%s is refused', (_name, given, words) => {
  expect(() => readConfig({ ...env, ...given })).toThrow(ConfigError);
  expect(() => readConfig({ ...env, ...given })).toThrow(words);
});
