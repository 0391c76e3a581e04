import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import { alertmanagerFile } from './alertmanager.ts';

const TEMPLATE = readFileSync(join(import.meta.dirname, '../../alertmanager/alertmanager.yml.tmpl'), 'utf8');
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'alertmanager-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function rendered(secrets: Readonly<Record<string, string>>) {
  for (const [name, value] of Object.entries(secrets)) writeFileSync(join(folder, name), value);
  const warnings: string[] = [];
  const config = parse(alertmanagerFile(TEMPLATE, folder, warnings)) as {
    route: { receiver: string; routes: { receiver: string }[] };
    receivers: { name: string }[];
  };
  const receivers = config.receivers.map(({ name }) => name);
  const routed = [config.route, ...config.route.routes].map(({ receiver }) => receiver);
  return { warnings, receivers, routed };
}

test('with all secrets nothing is left out', () => {
  const { warnings, receivers, routed } = rendered({
    slack_alerts_webhook: 'https://hooks.slack.com/services/x\n',
    deadman_url: 'https://outside.example/ping\n',
  });
  expect(warnings).toEqual([]);
  expect(receivers).toEqual(['notification-manager', 'second-channel', 'deadman']);
  expect(routed).toEqual(['notification-manager', 'deadman', 'second-channel', 'notification-manager']);
});

test.each([
  ['empty', { slack_alerts_webhook: '\n', deadman_url: '' }],
  ['missing', {}],
])('%s ones are left out, and that is said', (_how, secrets) => {
  const { warnings, receivers, routed } = rendered(secrets);
  expect(warnings).toEqual([
    'slack_alerts_webhook is empty: critical alerts go to the notification manager alone',
    "deadman_url is empty: the dead-man's switch is not armed: nobody notices when this host is gone",
  ]);
  expect(receivers).toEqual(['notification-manager', 'nobody']);
  expect(routed).toEqual(['notification-manager', 'nobody', 'notification-manager']);
});
