import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { root } from '../checks/source-tree.ts';
import { alertmanagerFile } from '../render/alertmanager.ts';
import type { Report } from './report.ts';
import { RULES, TESTS, yamlFiles } from './rules.ts';
import { tool } from './tools.ts';

/** Labels of an alert, and the receivers that it must reach. */
const ROUTES: readonly (readonly [labels: readonly string[], receivers: string])[] = [
  [['alertname=TradingReducing', 'severity=warning'], 'notification-manager'],
  [['alertname=TradingHalted', 'severity=critical'], 'second-channel,notification-manager'],
  [['alertname=NotificationManagerDown', 'severity=critical'], 'second-channel,notification-manager'],
  [['alertname=DailyTargetReached', 'severity=info'], 'notification-manager'],
  [['alertname=Watchdog', 'severity=info'], 'deadman'],
];

/** Files with one fault each, and the words by which the program that reads them names it. */
const BROKEN: readonly (readonly [
  file: string,
  text: string,
  words: RegExp,
  program: Parameters<typeof tool>[0],
  args: (path: string) => readonly string[],
])[] = [
  [
    'prometheus.yml',
    'global:\n  scrape_intervall: 15s\n',
    /line 2: field scrape_intervall not found/,
    'promtool',
    (path) => ['check', 'config', path],
  ],
  [
    'rules.yml',
    'groups:\n  - name: x\n    rules:\n      - alert: Broken\n        expr: "sum(("\n',
    /5:15: group "x", rule 1, "Broken": could not parse expression/,
    'promtool',
    (path) => ['check', 'rules', path],
  ],
  [
    'alertmanager.yml',
    'route: { receiver: nobody }\nreceivers: []\n',
    /undefined receiver "nobody"/,
    'amtool',
    (path) => ['check-config', path],
  ],
  [
    'blackbox.yml',
    'modules:\n  http_2xx: { prober: http, retries: 3 }\n',
    /field retries not found/,
    'blackbox_exporter',
    (path) => [`--config.file=${path}`, '--config.check'],
  ],
];

export const ALERTMANAGER_TEMPLATE = join(root, 'alertmanager/alertmanager.yml.tmpl');

/** Configuration files and rules, by the programs that will read them. */
export async function checkConfiguration(report: Report): Promise<void> {
  await expectOk(report, 'prometheus.yml', 'promtool', [
    ...['check', 'config', join(root, 'prometheus/prometheus.yml')],
  ]);
  await expectOk(report, 'rules', 'promtool', ['check', 'rules', ...paths(RULES)]);
  for (const path of paths(TESTS)) await checkTests(report, path);
  await expectOk(report, 'blackbox/config.yml', 'blackbox_exporter', [
    ...[`--config.file=${join(root, 'blackbox/config.yml')}`, '--config.check'],
  ]);
  await checkAlertmanager(report);
  await checkBroken(report);
}

/** A broken file ends the start with its fault in words, before anything runs without rules or receivers. */
async function checkBroken(report: Report): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'broken-'));
  chmodSync(folder, 0o755);
  try {
    for (const [file, text, words, program, args] of BROKEN) {
      const path = join(folder, file);
      writeFileSync(path, text);
      const { ok, output } = await tool(program, args(path), folder);
      const problem = ok ? 'it is accepted' : words.test(output) ? null : output.slice(0, 4_000);
      report(`a broken ${file} is refused with its fault`, problem);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function checkTests(report: Report, path: string): Promise<void> {
  const { tests } = parse(readFileSync(path, 'utf8')) as { tests: unknown[] };
  const { ok, output } = await tool('promtool', ['test', 'rules', path]);
  const failed = Math.max(1, [...output.matchAll(/^\s*alertname: /gm)].length);
  const name = `${tests.length} tests of ${path.slice(root.length + 1)}`;
  if (ok) report(name, null, tests.length);
  else report(name, output.replaceAll(/\n\s*\n/g, '\n').slice(0, 4_000), failed);
}

async function checkAlertmanager(report: Report): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'alertmanager-'));
  chmodSync(folder, 0o755);
  try {
    const template = readFileSync(ALERTMANAGER_TEMPLATE, 'utf8');
    const whole = join(folder, 'whole.yml');
    writeFileSync(whole, template);
    const least = join(folder, 'least.yml');
    writeFileSync(least, alertmanagerFile(template, folder, []));
    for (const path of [whole, least])
      await expectOk(
        report,
        `alertmanager.yml, ${path.slice(folder.length + 1)}`,
        'amtool',
        ['check-config', path],
        folder,
      );
    for (const [labels, receivers] of ROUTES) {
      const args = [
        'config',
        'routes',
        'test',
        `--config.file=${whole}`,
        `--verify.receivers=${receivers}`,
        ...labels,
      ];
      await expectOk(report, `${labels.join(' ')} reaches ${receivers}`, 'amtool', args, folder);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function expectOk(
  report: Report,
  name: string,
  program: Parameters<typeof tool>[0],
  args: readonly string[],
  folder?: string,
): Promise<void> {
  const { ok, output } = await tool(program, args, folder);
  report(name, ok ? null : output.slice(0, 4_000));
}

const paths = (folder: string): string[] => yamlFiles(folder).map((name) => join(folder, name));
