import { randomBytes } from 'node:crypto';
import { chmodSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { type PrometheusAccess, sampleCount } from '../dashboards/prometheus-api.ts';
import type { Report } from './report.ts';
import { alertsOf, RULES, readRules } from './rules.ts';
import { PROMETHEUS_CONFIG, readPrometheusConfig } from './scrape-config.ts';
import { IMAGES, ran } from './tools.ts';

/** Of the four that lie; notification-manager is dead, and orchestrator honest. */
type Told = 'orchestrator' | 'mcp-hub-controller' | 'risk-manager' | 'trade-executor' | 'redis-exporter';
const NINE_MINUTES_MS = 540_000;
const WAIT_MS_MAX = 40_000;

const series = (name: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${name}{n="${index}"} 1\n`).join('');
const FLOOD = series('risk_flood', 250_000);
const TOO_MANY = series('venue_flood', 3_000);

/** What each of them answers. `dead` is where the dead one was. */
const ANSWERS: Readonly<Record<Told, (dead: string) => string>> = {
  orchestrator: () =>
    'service_ready{service="orchestrator"} 1\ntrading_state_epoch{service="orchestrator"} 7\n',
  'mcp-hub-controller': (dead) =>
    [
      'service_ready{service="mcp-hub-controller"} 1',
      `mcp_tools_running{service="mcp-hub-controller"} 3 ${Date.now() + NINE_MINUTES_MS}`,
      `up{job="services",service="notification-manager",instance="${dead}"} 1 ${Date.now() + NINE_MINUTES_MS}`,
      'up{job="services",service="notification-manager",instance="x"} 1',
      'service_ready{service="notification-manager"} 1',
      'trading_state{mode="HALTED"} 1',
      'pg_up 0',
      'probe_success{job="blackbox",probe="edge-app"} 1',
      'slo:cycle_errors:ratio_rate1h 0',
      '',
    ].join('\n'),
  'risk-manager': () => FLOOD,
  'trade-executor': () => TOO_MANY,
  'redis-exporter': () => 'redis_up 1\npg_up 1\nup{job="services",service="notification-manager"} 1\n',
};

/** Series that must be there, and series that nobody may bring in. */
const THERE: readonly (readonly [what: string, query: string])[] = [
  ['a dead service is down, whatever another says', 'up{service="notification-manager"} == 0'],
  ['its alert holds', alertExpr('NotificationManagerDown')],
  ['so does that of any service', `${alertExpr('ServiceDown')} and up{service="notification-manager"}`],
  ['an honest one is believed', 'trading_state_epoch{job="services",service="orchestrator"} == 7'],
  ['a liar is believed what is its own', 'mcp_tools_running{service="mcp-hub-controller"} == 3'],
  ['at the time when it was asked', 'timestamp(mcp_tools_running) <= time()'],
  ['a flood counts as down', 'up{service="risk-manager"} == 0'],
  ['so do too many series', 'up{service="trade-executor"} == 0'],
  ['an exporter is believed what is its own', 'redis_up{job="redis"} == 1'],
  ['series that are refused are seen', 'scrape_samples_scraped - scrape_samples_post_metric_relabeling > 0'],
];
const NOWHERE: readonly (readonly [what: string, query: string])[] = [
  ['no second answer for the dead one', 'up{service="notification-manager"} == 1'],
  ['nobody else is ready for it', 'service_ready{service="notification-manager"}'],
  ["the orchestrator's trading state is nobody else's", 'trading_state'],
  ["Postgres' exporter speaks for Postgres alone", 'pg_up'],
  ['the edge is probed by the prober alone', 'probe_success'],
  [
    'no label of the teller is left',
    '{exported_service!=""} or {exported_job!=""} or {exported_instance!=""}',
  ],
  ['the flood is not stored', '{__name__=~"risk_flood|venue_flood"}'],
];

/** A real Prometheus with our configuration and rules, asked whom it believes when services and an exporter lie. */
export async function checkScrapes(report: Report, config = PROMETHEUS_CONFIG): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'scrapes-'));
  const servers = new Map<string, Server>();
  const container = `monitoring-check-${randomBytes(4).toString('hex')}`;
  try {
    const dead = `notification-manager:${await closedPort()}`;
    for (const [name, answer] of Object.entries(ANSWERS)) servers.set(name, await listen(() => answer(dead)));
    const targets = [...servers].map(([name, server]) => `${name}:${portOf(server)}`);
    const port = await closedPort();
    writeFolder(folder, config, [...targets, dead]);
    const started = await ran('docker', startArguments(container, folder, [...servers.keys()], port));
    if (started.ok) await judge(report, { prometheusUrl: `http://127.0.0.1:${port}` }, container);
    else report('Prometheus starts', started.output);
  } finally {
    await ran('docker', ['rm', '--force', '--volumes', container]);
    for (const server of servers.values()) {
      server.closeAllConnections();
      server.close();
    }
    rmSync(folder, { recursive: true, force: true });
  }
}

async function judge(report: Report, access: PrometheusAccess, container: string): Promise<void> {
  const count = (query: string) => sampleCount(access, query).catch(() => 0);
  const rounds = await until(async () => (await count('count_over_time(up[1m]) > 6')) >= 6);
  report(
    'Prometheus asks six',
    rounds ? null : (await ran('docker', ['logs', container])).output.slice(-2_000),
  );
  if (!rounds) return;
  for (const [name, query] of THERE)
    report(name, (await until(async () => (await count(query)) > 0)) ? null : `empty: ${query}`);
  for (const [name, query] of NOWHERE) {
    const series = await sampleCount(access, query);
    report(name, series === 0 ? null : `${series} series: ${query}`);
  }
}

/** Our file, with these targets alone, a second between two scrapes, and nobody who is told of alerts. */
function writeFolder(folder: string, path: string, targets: readonly string[]): void {
  const { alerting: _told, global, scrape_configs: jobs, ...rest } = readPrometheusConfig(path);
  const isRedis = (target: string) => target.startsWith('redis-exporter:');
  const mine: Readonly<Record<string, readonly string[]>> = {
    services: targets.filter((target) => !isRedis(target)),
    redis: targets.filter(isRedis),
  };
  const config = {
    ...rest,
    global: { ...global, scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
    scrape_configs: jobs
      .filter(({ job_name }) => mine[job_name] !== undefined)
      .map((job) => ({ ...job, static_configs: [{ targets: mine[job.job_name] }] })),
  };
  writeFileSync(join(folder, 'prometheus.yml'), stringify(config));
  cpSync(RULES, join(folder, 'rules'), { recursive: true });
  for (const each of [folder, join(folder, 'rules')]) chmodSync(each, 0o755);
}

function startArguments(container: string, folder: string, names: readonly string[], port: number): string[] {
  const hosts = [...names, 'notification-manager'].flatMap((name) => ['--add-host', `${name}:127.0.0.1`]);
  return [
    ...['run', '--detach', '--name', container, '--network', 'host', '--read-only', '--cap-drop', 'ALL'],
    ...['--memory', '768m', '--user', '65534:65534', '--tmpfs', '/prometheus:uid=65534,gid=65534', ...hosts],
    ...['--volume', `${folder}:/etc/prometheus:ro`, IMAGES.promtool],
    ...['--config.file=/etc/prometheus/prometheus.yml', '--storage.tsdb.path=/prometheus'],
    `--web.listen-address=127.0.0.1:${port}`,
  ];
}

function alertExpr(name: string): string {
  return alertsOf(readRules()).find(({ alert }) => alert === name)?.expr ?? `no_alert_${name}`;
}

async function listen(answer: () => string): Promise<Server> {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/plain; version=0.0.4');
    response.end(answer());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

async function closedPort(): Promise<number> {
  const server = await listen(() => '');
  const port = portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function until(holds: () => Promise<boolean>): Promise<boolean> {
  const end = performance.now() + WAIT_MS_MAX;
  for (;;) {
    if (await holds()) return true;
    if (performance.now() > end) return false;
    await sleep(500);
  }
}
