import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { RunFailure } from '../fleet/run-failure.ts';
import type { ServiceUrls } from '../fleet/services.ts';
import { jobOf, readPrometheusConfig } from '../monitoring/scrape-config.ts';

const run = promisify(execFile);
const IMAGES = {
  prometheus: 'prom/prometheus:v3.5.0',
  redis: 'oliver006/redis_exporter:v1.80.1',
  postgres: 'quay.io/prometheuscommunity/postgres-exporter:v0.18.1',
  node: 'prom/node-exporter:v1.10.2',
} as const;
const PROMETHEUS_USER = '65534:65534';
/** Quicker than in production, so that a rate has its samples within a minute. */
const INTERVAL = '3s';

export interface Watched {
  /** Of what the containers read; others have to be let in. */
  readonly folder: string;
  readonly rules: string;
  readonly urls: ServiceUrls;
  readonly redisUrl: string;
  readonly postgresUrl: string;
  readonly ports: readonly [prometheus: number, redis: number, postgres: number, node: number];
}

export interface OwnPrometheus {
  readonly url: string;
  stop(): Promise<void>;
}

/** Prometheus and the exporters as containers on the host's network, on the loopback alone. */
export async function startPrometheus(watched: Watched): Promise<OwnPrometheus> {
  const [port, redisPort, postgresPort, nodePort] = watched.ports;
  const name = `fleet-queries-${randomBytes(4).toString('hex')}`;
  const started: string[] = [];
  const stop = async (): Promise<void> => {
    if (started.length > 0)
      await run('docker', ['rm', '--force', '--volumes', ...started]).catch(() => undefined);
  };
  const start = async (part: keyof typeof IMAGES, options: readonly string[], args: readonly string[]) => {
    const container = `${name}-${part}`;
    started.push(container);
    const base = [
      'run',
      '--detach',
      '--name',
      container,
      '--network',
      'host',
      '--read-only',
      '--cap-drop',
      'ALL',
    ];
    await run('docker', [...base, ...options, IMAGES[part], ...args]);
  };
  writeConfig(watched);
  try {
    await start(
      'redis',
      ['--env', `REDIS_ADDR=${watched.redisUrl}`],
      [`--web.listen-address=127.0.0.1:${redisPort}`],
    );
    await start(
      'postgres',
      ['--env', `DATA_SOURCE_NAME=${watched.postgresUrl}?sslmode=disable`],
      [`--web.listen-address=127.0.0.1:${postgresPort}`],
    );
    await start('node', [], [`--web.listen-address=127.0.0.1:${nodePort}`]);
    await start(
      'prometheus',
      [
        '--user',
        PROMETHEUS_USER,
        '--volume',
        `${watched.folder}:/etc/prometheus:ro`,
        '--tmpfs',
        '/prometheus:uid=65534,gid=65534',
      ],
      [
        '--config.file=/etc/prometheus/prometheus.yml',
        '--storage.tsdb.path=/prometheus',
        `--web.listen-address=127.0.0.1:${port}`,
      ],
    );
  } catch (error) {
    await stop();
    throw new RunFailure(
      `Prometheus could not be started: ${(error as Error).message}`,
      `see that Docker runs and has ${Object.values(IMAGES).join(', ')}; or give --prometheus URL`,
      error,
    );
  }
  return { url: `http://127.0.0.1:${port}`, stop };
}

function writeConfig({ folder, rules, urls, ports }: Watched): void {
  const [port, redisPort, postgresPort, nodePort] = ports;
  const job = (name: string, target: string) => ({ job_name: name, static_configs: [{ targets: [target] }] });
  const config = {
    global: { scrape_interval: INTERVAL, scrape_timeout: INTERVAL, evaluation_interval: INTERVAL },
    rule_files: ['rules/*.yml'],
    scrape_configs: [
      {
        // As in production: what a service may say of itself.
        ...jobOf(readPrometheusConfig(), 'services'),
        relabel_configs: [],
        static_configs: Object.entries(urls).map(([service, url]) => ({
          targets: [new URL(url).host],
          labels: { service },
        })),
      },
      job('redis', `127.0.0.1:${redisPort}`),
      job('postgres', `127.0.0.1:${postgresPort}`),
      job('node', `127.0.0.1:${nodePort}`),
      job('prometheus', `127.0.0.1:${port}`),
    ],
  };
  writeFileSync(join(folder, 'prometheus.yml'), stringify(config));
  cpSync(rules, join(folder, 'rules'), { recursive: true });
  // The container's user is another one.
  for (const path of [folder, join(folder, 'rules')]) chmodSync(path, 0o755);
}
