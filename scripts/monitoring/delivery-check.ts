import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, createServer as createSocketServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { alertmanagerFile } from '../render/alertmanager.ts';
import { webFile } from '../render/monitoring.ts';
import type { SecretName } from '../render/secrets.ts';
import { ALERTMANAGER_TEMPLATE } from './configuration-checks.ts';
import type { Report } from './report.ts';
import { IMAGES, ran } from './tools.ts';

interface Heard {
  readonly path: string;
  readonly authorization: string;
  readonly body: string;
}

const PASSWORD = randomBytes(24).toString('hex');
const TOKEN = randomBytes(24).toString('hex');
const WAIT_MS_MAX = 30_000;

/** A real Alertmanager with the rendered configuration, and a server that stands for all whom it tells. */
export async function checkDelivery(report: Report): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'delivery-'));
  const heard: Heard[] = [];
  const server = createServer((request, response) => {
    void hear(request, heard).then(() => response.end('ok'));
  });
  const container = `monitoring-check-${randomBytes(4).toString('hex')}`;
  try {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const port = await freePort();
    writeFolder(folder, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const started = await ran('docker', startArguments(container, folder, port));
    if (!started.ok) {
      report('Alertmanager starts', started.output);
      return;
    }
    await tell(report, `http://127.0.0.1:${port}/alertmanager`, heard);
  } finally {
    await ran('docker', ['rm', '--force', '--volumes', container]);
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function hear(request: IncomingMessage, heard: Heard[]): Promise<void> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  const { url: path = '', headers } = request;
  heard.push({ path, authorization: headers.authorization ?? '', body });
}

/** The files of the container, with the server's address for everybody and seconds instead of minutes. */
function writeFolder(folder: string, server: string): void {
  const secrets = join(folder, 'secrets');
  mkdirSync(secrets);
  const files = {
    alerts_token: `${TOKEN}\n`,
    slack_alerts_webhook: `${server}/second-channel\n`,
    deadman_url: `${server}/deadman\n`,
  };
  for (const [name, value] of Object.entries(files)) writeFileSync(join(secrets, name), value);
  const warnings: string[] = [];
  const config = alertmanagerFile(readFileSync(ALERTMANAGER_TEMPLATE, 'utf8'), secrets, warnings)
    .replace('http://notification-manager:7006', server)
    .replaceAll(/group_wait: \w+/g, 'group_wait: 1s')
    .replaceAll(/group_interval: \w+/g, 'group_interval: 1s')
    .replaceAll('repeat_interval: 2m', 'repeat_interval: 2s');
  writeFileSync(join(folder, 'alertmanager.yml'), config);
  const hashes = new Map<SecretName, string>([['alertmanager_password', PASSWORD]]);
  writeFileSync(join(folder, 'web.yml'), webFile('alertmanager', hashes));
  chmodSync(folder, 0o755);
}

function startArguments(container: string, folder: string, port: number): string[] {
  return [
    ...['run', '--detach', '--name', container, '--network', 'host', '--read-only', '--cap-drop', 'ALL'],
    ...['--user', '65534:65534', '--tmpfs', '/alertmanager:uid=65534,gid=65534'],
    ...[
      '--volume',
      `${folder}:/etc/alertmanager/rendered:ro`,
      '--volume',
      `${join(folder, 'secrets')}:/run/secrets:ro`,
    ],
    IMAGES.amtool,
    '--config.file=/etc/alertmanager/rendered/alertmanager.yml',
    '--web.config.file=/etc/alertmanager/rendered/web.yml',
    `--web.listen-address=127.0.0.1:${port}`,
    `--web.external-url=http://127.0.0.1:${port}/alertmanager/`,
    '--storage.path=/alertmanager',
    '--cluster.listen-address=',
  ];
}

async function tell(report: Report, url: string, heard: readonly Heard[]): Promise<void> {
  const ask = (path: string, init: RequestInit = {}, password = PASSWORD) =>
    fetch(url + path, {
      ...init,
      headers: {
        authorization: `Basic ${Buffer.from(`alertmanager:${password}`).toString('base64')}`,
        'content-type': 'application/json',
      },
    });
  const ready = await until(async () => (await ask('/-/ready').catch(() => null))?.ok === true);
  report('Alertmanager starts with the rendered configuration', ready ? null : 'it is not ready after 30 s');
  if (!ready) return;
  const { status } = await ask('/api/v2/status', {}, 'another');
  report('it asks for its password', status === 401 ? null : `a wrong one is answered with ${status}`);
  const sent = await ask('/api/v2/alerts', { method: 'POST', body: JSON.stringify(ALERTS) });
  report('it takes alerts', sent.ok ? null : `${sent.status} ${await sent.text()}`);
  const at = (path: string) => heard.filter((each) => each.path === path);
  const expectHeard = async (name: string, holds: () => boolean) =>
    report(
      name,
      (await until(async () => holds())) ? null : `heard: ${JSON.stringify(heard).slice(0, 2_000)}`,
    );
  const says = (path: string, word: string) => at(path).some(({ body }) => body.includes(word));
  await expectHeard(
    'the notification manager hears of a warning and of a critical one',
    () => says('/alerts', 'MarketDataStale') && says('/alerts', 'TradingHalted'),
  );
  report(
    'each with the bearer',
    at('/alerts').every(({ authorization }) => authorization === `Bearer ${TOKEN}`)
      ? null
      : 'another or none',
  );
  await expectHeard('critical ones go to the second channel, with their runbook', () =>
    says('/second-channel', 'docs/runbooks/trading-halted.md'),
  );
  await expectHeard('NotificationManagerDown goes there too', () =>
    says('/second-channel', 'NotificationManagerDown'),
  );
  await expectHeard("the dead-man's switch is told again and again", () => at('/deadman').length >= 3);
  report("people do not hear the dead-man's switch", says('/alerts', 'Watchdog') ? 'they do' : null);
  report(
    'a warning stays out of the second channel',
    says('/second-channel', 'MarketDataStale') ? 'it does not' : null,
  );
  await expectHeard('a critical one with hostile words is told of', () =>
    says('/second-channel', 'OutboxOld'),
  );
  report('its words are words to Slack, in the second channel', hostileParts(at('/second-channel')));
  report('what follows from a halt is not told', says('/alerts', 'TradingReducing') ? 'it is' : null);
}

/** As a service could put it into a label that an annotation quotes. */
const HOSTILE =
  'a\n*resolved* <!channel> <https://evil.example/login|Acknowledge in Grafana> & https://evil.example #general';

/** What Slack would take as more than words; null when there is none. Runbooks are the rules' own. */
function hostileParts(heard: readonly Heard[]): string | null {
  const texts = heard
    .map(({ body }) => JSON.parse(body) as { attachments: Readonly<Record<string, unknown>>[] })
    .flatMap(({ attachments }) => attachments)
    .flatMap(({ title, text, fallback, pretext, footer }) => [title, text, fallback, pretext, footer]);
  const told = texts.filter((text) => typeof text === 'string').join('\n');
  if (!told.includes('&lt;!channel&gt;')) return `the hostile words are not there at all: ${told}`;
  const found = /<|https?:\/\/|\n\*resolved|&(?!amp;|lt;|gt;)/.exec(told);
  return found === null ? null : `${found[0]} in ${told}`;
}

const alert = (alertname: string, severity: string, page: string) => ({
  labels: { alertname, severity },
  annotations: {
    summary: `${alertname} summary`,
    description: 'what it is',
    runbook_url: `docs/runbooks/${page}.md`,
  },
});
const ALERTS = [
  alert('Watchdog', 'info', 'watchdog'),
  alert('TradingHalted', 'critical', 'trading-halted'),
  alert('TradingReducing', 'warning', 'trading-reducing'),
  alert('MarketDataStale', 'warning', 'market-data-stale'),
  alert('NotificationManagerDown', 'critical', 'notification-manager-down'),
  {
    labels: { alertname: 'OutboxOld', severity: 'critical', service: HOSTILE },
    annotations: { summary: HOSTILE, description: HOSTILE, runbook_url: 'docs/runbooks/outbox-old.md' },
  },
];

async function until(holds: () => Promise<boolean>): Promise<boolean> {
  const end = performance.now() + WAIT_MS_MAX;
  for (;;) {
    if (await holds()) return true;
    if (performance.now() > end) return false;
    await sleep(200);
  }
}

async function freePort(): Promise<number> {
  const probe = createSocketServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
