import { join } from 'node:path';
import { localFolder } from '@fleet/testkit/infrastructure';
import type { FleetHome } from './fleet-home.ts';
import type { SecretFiles } from './secrets.ts';
import { SERVICE_NAMES, type ServiceName, type ServiceUrls, urlVariable } from './services.ts';

export interface Surroundings {
  readonly home: FleetHome;
  readonly secrets: SecretFiles;
  /** Of a Redis that is not this fleet's own, where it has no users: everything comes in by this address. */
  readonly foreignRedisUrl: string | undefined;
  readonly simulatorUrl: string;
  readonly configDir: string;
  readonly urls: ServiceUrls;
}

type Variables = Record<string, string | undefined>;

/**
 * The environment of a service, laid over this process's own: what the person at the terminal has set (SLACK_BOT_TOKEN,
 * DAILY_TARGET_PCT, LOG_LEVEL) stays; what must be this fleet's own is set here.
 */
export function serviceEnvironment(name: ServiceName, around: Surroundings): Variables {
  return { ...nodeSettings(), ...inOneSpelling({ ...common(name, around), ...own(name, around) }) };
}

/** Every setting can also be given as `<NAME>_FILE`, and a service refuses both at once: the other one is taken away. */
export function inOneSpelling(variables: Variables): Variables {
  const others = Object.keys(variables).map((name) =>
    name.endsWith('_FILE') ? name.slice(0, -'_FILE'.length) : `${name}_FILE`,
  );
  return { ...Object.fromEntries(others.map((name) => [name, undefined])), ...variables };
}

/** Of every Node process of the fleet. Compiled code is kept beside the checkout's other tools: starts are quicker. */
export function nodeSettings(): Variables {
  return {
    NODE_ENV: 'production',
    NODE_COMPILE_CACHE: join(localFolder, 'compile-cache'),
    // Instead of the runner's own: eight processes with roomy young generations are half a gigabyte more.
    NODE_OPTIONS: '--max-semi-space-size=4',
    FORCE_COLOR: undefined,
  };
}

function common(name: ServiceName, around: Surroundings): Variables {
  return {
    HOST: '127.0.0.1',
    PORT: new URL(around.urls[name]).port,
    ...(around.foreignRedisUrl === undefined
      ? { REDIS_URL_FILE: around.secrets.redisUrl[name] }
      : { REDIS_URL: around.foreignRedisUrl }),
    DATABASE_URL_FILE: around.secrets.databaseUrl[name],
    ADMIN_TOKEN_FILE: around.secrets.adminToken,
    SIMULATOR_URL: around.simulatorUrl,
    CONFIG_DIR: around.configDir,
    TRADING_MODE: 'paper',
    // On the loopback; there is no edge in front of it.
    ACCESS_CONTROL: 'token',
    LIVE_TRADING_ACK: undefined,
    RUN_ID: undefined,
    STREAM_PARTITIONS: '1',
    MARKET_DATA_SOURCE: undefined,
  };
}

function own(name: ServiceName, { secrets, urls }: Surroundings): Variables {
  switch (name) {
    case 'risk-manager':
      return { RISK_SIGNING_KEY_FILE: secrets.riskSigningKey };
    case 'trade-executor':
      return {
        RISK_PUBLIC_KEYS_DIR: secrets.riskPublicKeys,
        RISK_PUBLIC_KEY: undefined,
        // The simulated account's key guards nothing: the executor has it by default.
        VENUE_API_KEY: undefined,
        VENUE_API_SECRET: undefined,
      };
    case 'parameter-optimizer':
      return { MARKET_ANALYST_URL: urls['market-analyst'] };
    case 'mcp-hub-controller':
      return { MCP_TOKEN_FILE: secrets.mcpToken, ...addressesOfOthers(name, urls) };
    default:
      return {};
  }
}

function addressesOfOthers(self: ServiceName, urls: ServiceUrls): Variables {
  return Object.fromEntries(
    SERVICE_NAMES.map((name) => [urlVariable(name), name === self ? undefined : urls[name]]),
  );
}
