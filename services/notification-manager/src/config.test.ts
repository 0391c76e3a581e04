import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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

test('every runbook that it names is there', () => {
  const repository = join(import.meta.dirname, '../../..');
  const { runbooks } = readPolicy({ CONFIG_DIR: join(repository, 'config') });
  const pages = Object.values(runbooks.byCode);
  expect(pages.length).toBeGreaterThan(5);
  expect(pages.filter((page) => !existsSync(join(repository, 'docs/runbooks', page)))).toEqual([]);
});

test('what the file does not say about incidents is filled in, and their faults are named', () => {
  const file = (more: string) => {
    writeFileSync(
      join(folder, 'notifications.yaml'),
      `minimumSeverity: info
channels: { info: '#i', warning: '#w', critical: '#c' }
dedupeWindowSeconds: { default: 1, byCode: {} }
delivery: { retrySecondsMin: 1, retrySecondsMax: 300, deliverWithinHours: 24, backlogMax: 500 }
${more}`,
    );
    return readPolicy({ CONFIG_DIR: folder });
  };
  expect(file('').incidents).toMatchObject({ escalation: { afterMinutes: 10, times: 3 } });
  for (const wrong of [
    'slack: { people: { anna: anna@example.com } }',
    'slack: { people: { U0000ANNA: Anna } }',
    'incidents: { escalation: { mention: everybody } }',
    'incidents: { escalation: { afterMinute: 3 } }',
    'runbooks: { byCode: { TRADING_HALTED: ../secrets } }',
  ])
    expect(() => file(wrong)).toThrow('notifications.yaml:5');
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
