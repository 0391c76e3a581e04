import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { instrumentsSchema } from '@fleet/domain/instruments';
import { loadYaml } from '@fleet/shared/config';
import { stringify } from 'yaml';
import { copyLivelyConfig } from '../fleet/lively-config.ts';
import { freePorts } from '../fleet/ports.ts';
import { SERVICE_NAMES, type ServiceName, type ServiceUrls } from '../fleet/services.ts';
import { generateCandles } from '../parity/generated-candles.ts';
import { ComposeProject } from './compose-project.ts';

/** A whole fleet beside others on this machine: project, ports, secrets and configuration of its own. */
export interface SmokeProject {
  readonly project: ComposeProject;
  readonly folder: string;
  readonly configDir: string;
  readonly secretsDir: string;
  readonly urls: ServiceUrls;
  readonly controlUrl: string;
  readonly prometheusUrl: string;
  readonly edge: EdgePorts;
  readonly certificatesDir: string;
  readonly postgresPort: number;
  readonly redisPort: number;
  /** The temporary folder and all that is in it. */
  remove(): void;
}

export interface EdgePorts {
  readonly http: number;
  readonly https: number;
  readonly admin: number;
}

/** Candles that the optimizer is given. `from` in epoch ms. */
export const STUDY = { symbol: 'BTCUSDT', interval: '1m', from: Date.UTC(2024, 0, 1), bars: 2_000 };

const SMOKE_CLIENT = 'smoke-client';
const FILES = ['docker-compose.yml', 'docker-compose.override.yml'];
/** Two bar sets a second: some hundred decisions while it is looked at. */
const SPEED = '120x';

export async function smokeProject(root: string, signal: AbortSignal): Promise<SmokeProject> {
  const folder = mkdtempSync(join(tmpdir(), 'compose-smoke-'));
  const inFolder = (name: string): string => join(folder, name);
  const [configDir, secretsDir, candlesDir] = [inFolder('config'), inFolder('secrets'), inFolder('candles')];
  const certificatesDir = inFolder('traefik');
  const extraFile = inFolder('compose.smoke.yml');
  copyLivelyConfig(join(root, 'config'), configDir);
  for (const dir of ['ca', 'certs']) mkdirSync(join(certificatesDir, dir), { recursive: true });
  const ports = await freePorts(SERVICE_NAMES.length + 10);
  const [simulator = 0, control = 0, prometheus = 0, postgres = 0, redis = 0, ...rest] = ports;
  const [http = 0, https = 0, admin = 0, alertmanager = 0, grafana = 0, ...services] = rest;
  const portOf = (name: ServiceName): number => services[SERVICE_NAMES.indexOf(name)] ?? 0;
  writeFileSync(extraFile, stringify(changes({ control, candlesDir })));
  makeCandles(configDir, candlesDir);
  const mark = randomBytes(4).toString('hex');
  const project = new ComposeProject({
    name: `fleet-smoke-${mark}`,
    root,
    signal,
    files: [...FILES, extraFile],
    profiles: ['edge'],
    env: {
      ...Object.fromEntries(SERVICE_NAMES.map((name) => [portVariable(name), String(portOf(name))])),
      SIMULATOR_PORT: String(simulator),
      PROMETHEUS_PORT: String(prometheus),
      POSTGRES_PORT: String(postgres),
      REDIS_PORT: String(redis),
      ALERTMANAGER_PORT: String(alertmanager),
      GRAFANA_PORT: String(grafana),
      HTTP_PORT: String(http),
      HTTPS_PORT: String(https),
      ADMIN_PORT: String(admin),
      ...edgeNetwork(mark),
      SECRETS_DIR: secretsDir,
      CERTIFICATES_DIR: certificatesDir,
      PKI_DIR: inFolder('pki'),
      DOMAIN: 'fleet.localhost',
      CONFIG_DIR: configDir,
      SIM_SPEED: SPEED,
      SLACK_BOT_TOKEN_FILE: '',
      TRADING_MODE: 'paper',
    },
  });
  return {
    ...{ project, folder, configDir, secretsDir },
    urls: Object.fromEntries(SERVICE_NAMES.map((name) => [name, loopback(portOf(name))])) as ServiceUrls,
    controlUrl: loopback(control),
    prometheusUrl: `${loopback(prometheus)}/prometheus`,
    certificatesDir,
    edge: { http, https, admin },
    postgresPort: postgres,
    redisPort: redis,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** A network of its own behind the edge, of a block that hardly anybody uses, and a bridge of its own. */
export function edgeNetwork(mark: string): Readonly<Record<string, string>> {
  const block = Number.parseInt(mark.slice(0, 4), 16) % 4_096;
  const [third, fourth] = [Math.floor(block / 16), (block % 16) * 16];
  return {
    EDGE_SUBNET: `172.16.${third}.${fourth}/28`,
    EDGE_TRAEFIK_ADDRESS: `172.16.${third}.${fourth + 2}`,
    EDGE_RANGE: `172.16.${third}.${fourth + 8}/29`,
    EGRESS_BRIDGE: `fs-${mark}`,
  };
}

/** Prints nothing of the secrets; rejects with what it said when it could not make them all. */
export async function makeSecrets(
  root: string,
  { secretsDir, configDir, certificatesDir, folder }: SmokeProject,
) {
  mkdirSync(secretsDir, { recursive: true, mode: 0o755 });
  // The sign-in's client, as a person would put it in.
  writeFileSync(join(secretsDir, 'oauth2_client_id'), `${SMOKE_CLIENT}\n`);
  writeFileSync(join(secretsDir, 'oauth2_client_secret'), `${randomBytes(16).toString('hex')}\n`);
  const run = promisify(execFile);
  await run(join(root, 'scripts/init-secrets'), ['--dir', secretsDir]);
  const env = {
    ...process.env,
    ...{ CONFIG_DIR: configDir, CERTIFICATES_DIR: certificatesDir, DOMAIN: 'fleet.localhost' },
    PKI_DIR: join(folder, 'pki'),
  };
  for (const command of ['init', 'server']) await run(join(root, 'scripts/pki'), [command], { env });
}

/** Enough for a study with a training and a test period. */
function makeCandles(configDir: string, dir: string): void {
  const { instruments } = loadYaml(join(configDir, 'instruments.yaml'), instrumentsSchema);
  generateCandles({
    ...{ ...STUDY, dir, instruments: instruments.filter(({ symbol }) => symbol === STUDY.symbol) },
    ...{ seed: 'smoke', volatility: 0.7, jumpShare: 0, gapShare: 0 },
  });
}

/**
 * What only this project has: the control API published, for the market is held here to compare the books (elsewhere
 * nobody reaches it), and candles for the optimizer.
 */
function changes({ control, candlesDir }: { readonly control: number; readonly candlesDir: string }): object {
  return {
    services: {
      // The edge as in production, though nobody signs in here: the services stay with the token.
      render: {
        environment: {
          // A reference that Compose resolves: the check of the refusal sets it.
          ACCESS_CONTROL: ['$', '{RENDER_ACCESS_CONTROL:-edge}'].join(''),
          OIDC_ISSUER: 'http://issuer.test',
          OIDC_JWKS_URI: 'http://issuer.test/jwks',
          OIDC_AUDIENCES: SMOKE_CLIENT,
        },
      },
      'exchange-simulator': {
        environment: { CONTROL_HOST: '0.0.0.0' },
        ports: [`127.0.0.1:${control}:7101`],
      },
      'parameter-optimizer': {
        environment: { CANDLES_DIR: '/candles' },
        volumes: [`${candlesDir}:/candles:ro`],
      },
    },
  };
}

function portVariable(name: ServiceName): string {
  return `${name.toUpperCase().replaceAll('-', '_')}_PORT`;
}

function loopback(port: number): string {
  return `http://127.0.0.1:${port}`;
}
