import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from '@fleet/testkit/infrastructure';
import { prepareDatabases } from './databases.ts';
import type { FleetHome } from './fleet-home.ts';
import { closeConnections } from './http-json.ts';
import { type ChosenMarket, keepMarket, marketArguments } from './market-choice.ts';
import { freePorts } from './ports.ts';
import { waitForReady } from './readiness.ts';
import { loadUsers } from './redis-users.ts';
import { runConfig } from './run-config.ts';
import type { RunFailure } from './run-failure.ts';
import { takeHome } from './runner-lock.ts';
import { ensureSecrets, type SecretFiles } from './secrets.ts';
import { inOneSpelling, nodeSettings, serviceEnvironment } from './service-environment.ts';
import { SERVICE_NAMES, type ServiceName, type ServiceUrls } from './services.ts';
import { type Stores, startStores } from './stores.ts';
import { type SupervisedOptions, SupervisedProcess } from './supervised-process.ts';

export type Speed = 'max' | `${number}x`;

export interface FleetOptions {
  readonly home: FleetHome;
  readonly market: ChosenMarket;
  readonly configDir: string;
  readonly speed: Speed;
  /** Forget what the home keeps of earlier runs. */
  readonly fresh: boolean;
  readonly rolePrefix: string;
  /** One line for the person at the terminal. */
  readonly say: (line: string) => void;
  /** Something without which the fleet cannot run ended for good. */
  readonly onGiveUp: (failure: RunFailure) => void;
  /** Stops the start. */
  readonly signal: AbortSignal;
}

export interface RunningFleet {
  readonly home: FleetHome;
  readonly urls: ServiceUrls;
  readonly simulatorUrl: string;
  readonly controlUrl: string;
  /** Of the role that may read every schema. */
  readonly databaseUrl: string;
  readonly configDir: string;
  readonly secrets: SecretFiles;
  readonly simulator: SupervisedProcess;
  readonly services: readonly SupervisedProcess[];
  readonly stores: Stores;
  stop(): Promise<void>;
}

const STOP_GRACE_MS = 8_000;
/** A bar of a minute takes sixteen hours. */
export const STANDSTILL = '0.001x';

/**
 * Starts stores, simulator and the eight services as processes of their own, each in its own group, and resolves when
 * every one is ready. What a killed start left on the home is ended first. A start that fails stops what it began.
 */
export async function startFleet(options: FleetOptions): Promise<RunningFleet> {
  const { home, market, say } = options;
  const release = await takeHome(home);
  if (options.fresh) forget(home);
  const begun: (() => Promise<unknown> | unknown)[] = [release];
  const stop = async () => {
    for (const end of begun.splice(0).reverse()) await end();
    closeConnections();
  };
  try {
    const stores = await startStores({ home, say });
    begun.push(() => stores.stop());
    const fleet = await startProcesses(options, stores, (end) => begun.push(end));
    keepMarket(home, market);
    await waitForReady({ ...fleet, logs: home.logs, say, signal: options.signal });
    for (const process of [fleet.simulator, ...fleet.services]) process.wasReady();
    writeState(home, fleet);
    begun.push(() => rmSync(home.stateFile, { force: true }));
    return { ...fleet, home, stores, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Another run's data; what was installed, and the secrets, stay. */
function forget(home: FleetHome): void {
  for (const folder of [home.redis, home.postgres, home.simulator, home.logs])
    rmSync(folder, { recursive: true, force: true });
  rmSync(home.marketFile, { force: true });
}

async function startProcesses(
  options: FleetOptions,
  stores: Stores,
  ended: (end: () => Promise<void>) => void,
) {
  const { home, market } = options;
  const addresses = {
    redisUrl: stores.redis.url,
    postgresUrl: stores.postgres.url,
    rolePrefix: options.rolePrefix,
  };
  const secrets = ensureSecrets(home, addresses);
  const ownRedis = stores.redis.pid !== undefined;
  if (ownRedis) await loadUsers(stores.redis.url);
  const configDir = runConfig(home, market, options.configDir);
  const [port = 0, controlPort = 0, ...servicePorts] = await freePorts(SERVICE_NAMES.length + 2);
  const urls = Object.fromEntries(
    SERVICE_NAMES.map((name, index) => [name, loopback(servicePorts[index] ?? 0)]),
  ) as Record<ServiceName, string>;
  const [simulatorUrl, controlUrl] = [loopback(port), loopback(controlPort)];
  const simulator = new SupervisedProcess(simulatorProcess(options, { port, controlPort, configDir }));
  ended(() => simulator.stop());
  await simulator.start();
  await prepareDatabases({ adminUrl: stores.postgres.url, secrets });
  const foreignRedisUrl = ownRedis ? undefined : stores.redis.url;
  const around = { home, secrets, foreignRedisUrl, simulatorUrl, configDir, urls };
  const services = SERVICE_NAMES.map(
    (name) => new SupervisedProcess(serviceProcess(options, name, serviceEnvironment(name, around))),
  );
  ended(async () => void (await Promise.all(services.map((service) => service.stop()))));
  await Promise.all(services.map((service) => service.start()));
  const databaseUrl = stores.postgres.url;
  return { urls, simulatorUrl, controlUrl, databaseUrl, configDir, secrets, simulator, services };
}

interface SimulatorPlace {
  readonly port: number;
  readonly controlPort: number;
  readonly configDir: string;
}

function simulatorProcess(options: FleetOptions, place: SimulatorPlace): SupervisedOptions {
  const { home, market, speed } = options;
  const args = [
    join(checkout, 'packages/exchange-simulator/src/main.ts'),
    ...marketArguments(market.source),
    ...['--journal', home.simulator],
  ];
  const env = {
    ...nodeSettings(),
    ...inOneSpelling({
      HOST: '127.0.0.1',
      PORT: String(place.port),
      CONTROL_HOST: '127.0.0.1',
      CONTROL_PORT: String(place.controlPort),
      CONFIG_DIR: place.configDir,
      SIMULATOR_API_KEY: undefined,
      SIMULATOR_API_SECRET: undefined,
      SIMULATOR_JOURNAL: undefined,
      SIMULATOR_URL: undefined,
    }),
  };
  if (speed === 'max') return supervised(options, 'simulator', args, env);
  // A paced market stands until the fleet is ready, and goes on by itself when the simulator is started again.
  const paced = supervised(options, 'simulator', [...args, '--speed', STANDSTILL], env);
  return { ...paced, restartArgs: [...args, '--speed', speed] };
}

function serviceProcess(
  options: FleetOptions,
  name: ServiceName,
  env: Record<string, string | undefined>,
): SupervisedOptions {
  return supervised(options, name, [join(checkout, 'services', name, 'src/main.ts')], env);
}

function supervised(
  { home, say, onGiveUp }: FleetOptions,
  name: string,
  args: readonly string[],
  env: Record<string, string | undefined>,
): SupervisedOptions {
  mkdirSync(home.logs, { recursive: true });
  return {
    spec: {
      ...{ name, args, env },
      command: process.execPath,
      cwd: checkout,
      logFile: join(home.logs, `${name}.log`),
      pidFile: join(home.pids, `${name}.pid`),
      stopGraceMs: STOP_GRACE_MS,
    },
    onGiveUp,
    onRestart: (which, exit, delayMs) =>
      say(
        `${which} ended (${exit.signal ?? `exit code ${exit.code}`}); started again in ${delayMs / 1000} s`,
      ),
  };
}

function loopback(port: number): string {
  return `http://127.0.0.1:${port}`;
}

type Addresses = Pick<RunningFleet, 'urls' | 'simulatorUrl' | 'controlUrl' | 'secrets'>;

/** For `scripts/ops_cli.js`; paths relative to the file, so that a home can be moved. */
function writeState(home: FleetHome, { urls, simulatorUrl, controlUrl, secrets }: Addresses): void {
  const services = Object.fromEntries(Object.entries(urls).map(([name, url]) => [name, { url }]));
  const state = {
    services,
    simulator: { url: simulatorUrl, controlUrl },
    adminTokenFile: secrets.adminToken,
    mcpTokenFile: secrets.mcpToken,
  };
  const next = `${home.stateFile}.next`;
  writeFileSync(next, `${JSON.stringify(state, null, 2)}\n`);
  renameSync(next, home.stateFile);
}
