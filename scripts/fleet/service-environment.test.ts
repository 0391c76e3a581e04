import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkout } from '@fleet/testkit/infrastructure';
import { afterAll, describe, expect, it } from 'vitest';
import { readConfig as analyst } from '../../services/market-analyst/src/config.ts';
import { readConfig as mcp } from '../../services/mcp-hub-controller/src/config.ts';
import { readConfig as notify } from '../../services/notification-manager/src/config.ts';
import { readConfig as orchestrator } from '../../services/orchestrator/src/config.ts';
import { readConfig as optimizer } from '../../services/parameter-optimizer/src/config.ts';
import { readConfig as portfolio } from '../../services/portfolio-manager/src/config.ts';
import { readConfig as risk } from '../../services/risk-manager/src/config.ts';
import { readConfig as executor } from '../../services/trade-executor/src/config.ts';
import { fleetHome } from './fleet-home.ts';
import { ensureSecrets, readSecret } from './secrets.ts';
import { serviceEnvironment } from './service-environment.ts';
import { SERVICE_NAMES, type ServiceName } from './services.ts';

const dir = mkdtempSync(join(tmpdir(), 'environment-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const home = fleetHome(dir);

const of = (make: (name: ServiceName, index: number) => string) =>
  Object.fromEntries(SERVICE_NAMES.map((name, index) => [name, make(name, index)])) as Record<
    ServiceName,
    string
  >;

const around = {
  home,
  secrets: ensureSecrets(home, {
    redisUrl: 'redis://127.0.0.1:6666',
    postgresUrl: 'postgres://postgres:word@127.0.0.1:5555/postgres',
    rolePrefix: 'fleet',
  }),
  foreignRedisUrl: undefined,
  simulatorUrl: 'http://127.0.0.1:7777',
  configDir: join(checkout, 'config'),
  urls: of((_, index) => `http://127.0.0.1:${8_000 + index}`),
};

/** What a person may have in the shell: all of it must give way to this fleet's own. */
const SHELL = {
  TRADING_MODE: 'live',
  RUN_ID: 'my-account',
  REDIS_URL: 'redis://elsewhere:6379',
  REDIS_URL_FILE: '/nowhere/redis',
  DATABASE_URL: 'postgres://elsewhere/db',
  DATABASE_URL_FILE: '/nowhere/database',
  ADMIN_TOKEN: 'a-token-of-another-fleet',
  VENUE_API_KEY: 'a-real-key',
  VENUE_API_SECRET_FILE: '/nowhere/secret',
  LIVE_TRADING_ACK: 'my-account',
};

const READ: Readonly<Record<ServiceName, (env: NodeJS.ProcessEnv) => object>> = {
  orchestrator,
  'portfolio-manager': portfolio,
  'market-analyst': analyst,
  'risk-manager': risk,
  'trade-executor': executor,
  'notification-manager': notify,
  'parameter-optimizer': optimizer,
  'mcp-hub-controller': mcp,
};

describe('environment of a service', () => {
  it.each(SERVICE_NAMES)('is one that %s accepts, whatever the shell holds', (name) => {
    const config = READ[name]({ ...SHELL, ...serviceEnvironment(name, around) });
    expect(config).toMatchObject({
      TRADING_MODE: 'paper',
      REDIS_URL: readSecret(around.secrets.redisUrl[name]),
      DATABASE_URL: readSecret(around.secrets.databaseUrl[name]),
      SIMULATOR_URL: around.simulatorUrl,
      ADMIN_TOKEN: readSecret(around.secrets.adminToken),
      PORT: Number(new URL(around.urls[name]).port),
    });
    expect(config).not.toHaveProperty('RUN_ID');
  });

  it('hands the signing key to the risk manager and only its public half to the executor', () => {
    const holders = SERVICE_NAMES.filter((name) =>
      JSON.stringify(serviceEnvironment(name, around)).includes(around.secrets.riskSigningKey),
    );
    expect(holders).toEqual(['risk-manager']);
    expect(READ['trade-executor'](serviceEnvironment('trade-executor', around))).toMatchObject({
      RISK_PUBLIC_KEYS_DIR: around.secrets.riskPublicKeys,
    });
  });

  it('comes into a Redis that is not the fleet’s own by its address alone', () => {
    const foreign = { ...around, foreignRedisUrl: 'redis://127.0.0.1:1/3' };
    expect(READ.orchestrator({ ...SHELL, ...serviceEnvironment('orchestrator', foreign) })).toMatchObject({
      REDIS_URL: 'redis://127.0.0.1:1/3',
    });
  });

  it('never gives the executor a real key', () => {
    expect(executor({ ...SHELL, ...serviceEnvironment('trade-executor', around) })).not.toHaveProperty(
      'VENUE_API_KEY',
    );
  });

  it('keeps what a person may set', () => {
    const env = { SLACK_BOT_TOKEN: 'xoxb-0123456789', ...serviceEnvironment('notification-manager', around) };
    expect(notify(env)).toMatchObject({ SLACK_BOT_TOKEN: 'xoxb-0123456789' });
  });
});
