import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { instrumentsSchema } from '@fleet/domain/instruments';
import { loadYaml } from '@fleet/shared/config';
import { parse, stringify } from 'yaml';
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
  readonly postgresPort: number;
  /** The temporary folder and all that is in it. */
  remove(): void;
}

/** Candles that the optimizer is given. `from` in epoch ms. */
export const STUDY = { symbol: 'BTCUSDT', interval: '1m', from: Date.UTC(2024, 0, 1), bars: 2_000 };

const FILES = ['docker-compose.yml', 'docker-compose.override.yml'];
/** Two bar sets a second: some hundred decisions while it is looked at. */
const SPEED = '120x';

/** Short enough to trade within a minute of this market. */
const LIVELY = {
  interval: '1m',
  strategies: [
    {
      symbol: 'BTCUSDT',
      strategy: 'ema-cross',
      parameters: { fast: 5, slow: 15, atrPeriod: 14, atrMultiple: 3 },
    },
    {
      symbol: 'ETHUSDT',
      strategy: 'bollinger-rsi',
      parameters: {
        ...{ bandPeriod: 20, bandWidth: 1.5, rsiPeriod: 7, rsiLow: 40, rsiHigh: 70 },
        ...{ atrPeriod: 14, atrMultiple: 2 },
      },
    },
  ],
};

export async function smokeProject(root: string, signal: AbortSignal): Promise<SmokeProject> {
  const folder = mkdtempSync(join(tmpdir(), 'compose-smoke-'));
  const inFolder = (name: string): string => join(folder, name);
  const [configDir, secretsDir, candlesDir] = [inFolder('config'), inFolder('secrets'), inFolder('candles')];
  const extraFile = inFolder('compose.smoke.yml');
  cpSync(join(root, 'config'), configDir, { recursive: true });
  change(join(configDir, 'strategies.yaml'), LIVELY);
  change(join(configDir, 'portfolio.yaml'), { volWindow: 30 });
  mkdirSync(secretsDir, { mode: 0o755 });
  const ports = await freePorts(SERVICE_NAMES.length + 5);
  const [simulator = 0, control = 0, prometheus = 0, postgres = 0, redis = 0, ...services] = ports;
  const portOf = (name: ServiceName): number => services[SERVICE_NAMES.indexOf(name)] ?? 0;
  writeFileSync(extraFile, stringify(changes({ control, candlesDir })));
  makeCandles(configDir, candlesDir);
  const project = new ComposeProject({
    name: `fleet-smoke-${randomBytes(4).toString('hex')}`,
    root,
    signal,
    files: [...FILES, extraFile],
    env: {
      ...Object.fromEntries(SERVICE_NAMES.map((name) => [portVariable(name), String(portOf(name))])),
      SIMULATOR_PORT: String(simulator),
      PROMETHEUS_PORT: String(prometheus),
      POSTGRES_PORT: String(postgres),
      REDIS_PORT: String(redis),
      SECRETS_DIR: secretsDir,
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
    prometheusUrl: loopback(prometheus),
    postgresPort: postgres,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function change(file: string, values: object): void {
  const before = parse(readFileSync(file, 'utf8')) as object;
  writeFileSync(file, stringify({ ...before, ...values }));
}

/** Prints nothing of the secrets; rejects with what it said when it could not make them all. */
export async function makeSecrets(root: string, secretsDir: string): Promise<void> {
  await promisify(execFile)(join(root, 'scripts/init-secrets'), ['--dir', secretsDir]);
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
