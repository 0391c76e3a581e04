import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readConfig, readPolicy } from './config.ts';

const folder = mkdtempSync(join(tmpdir(), 'notify-config-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const stores = { DATABASE_URL: 'postgres://notify:x@127.0.0.1/fleet', REDIS_URL: 'redis://127.0.0.1' };

test('the file of this repository is valid', () => {
  const policy = readPolicy({ CONFIG_DIR: join(import.meta.dirname, '../../../config') });
  expect(policy.channels.critical).toMatch(/^#/);
});

test('every fault of the file is listed at once', () => {
  writeFileSync(
    join(folder, 'notifications.yaml'),
    `minimumSeverity: loud
channels: { info: general, warning: '#w', critical: '#c', panic: '#p' }
dedupeWindowSeconds: { default: -1, byCode: {} }
delivery: { retrySecondsMin: 5, retrySecondsMax: 300, deliverWithinHours: 24, backlogMax: 500 }
`,
  );
  const read = () => readPolicy({ CONFIG_DIR: folder });
  for (const name of ['minimumSeverity', 'channels.info', 'panic', 'dedupeWindowSeconds.default'])
    expect(read).toThrow(name);
});

describe('the environment', () => {
  test('has safe defaults: no token, nothing is sent', () => {
    const config = readConfig(stores);
    expect(config).toMatchObject({ PORT: 7006, TRADING_MODE: 'paper' });
    expect(config.SLACK_BOT_TOKEN).toBeUndefined();
  });

  test('refuses a token of another kind without showing it', () => {
    const read = () => readConfig({ ...stores, SLACK_BOT_TOKEN: 'xoxp-user-token' });
    expect(read).toThrow(/SLACK_BOT_TOKEN: must be a bot token/);
    expect(read).not.toThrow(/xoxp-user/);
  });

  test('names a misspelt setting', () => {
    expect(() => readConfig({ ...stores, SLACK_BOT_TOKE: 'x' })).toThrow(/did you mean SLACK_BOT_TOKEN/);
  });
});
