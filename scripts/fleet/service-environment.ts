import { join } from 'node:path';
import { localFolder } from '@fleet/testkit/infrastructure';
import type { FleetHome } from './fleet-home.ts';
import type { SecretFiles } from './secrets.ts';
import { SERVICE_NAMES, type ServiceName, type ServiceUrls, urlVariable } from './services.ts';

export interface Surroundings {
  readonly home: FleetHome;
  readonly secrets: SecretFiles;
  readonly databaseUrls: Readonly<Record<ServiceName, string>>;
  readonly redisUrl: string;
  readonly simulatorUrl: string;
  readonly configDir: string;
  readonly urls: ServiceUrls;
}

type Variables = Record<string, string | undefined>;

/**
 * The environment of a service, laid over this process's own: what the person at the terminal has set (SLACK_BOT_TOKEN,
 * DAILY_TARGET_PCT, LOG_LEVEL) stays; what must be this fleet's own is set here, and its other spelling taken away.
 */
export function serviceEnvironment(name: ServiceName, around: Surroundings): Variables {
  return { ...nodeSettings(), ...common(name, around), ...own(name, around) };
}

/** Of every Node process of the fleet. Compiled code is kept beside the checkout's other tools: starts are quicker. */
export function nodeSettings(): Variables {
  return {
    NODE_ENV: 'production',
    NODE_COMPILE_CACHE: join(localFolder, 'compile-cache'),
    // Inspector ports and the like of the runner are not for its children.
    NODE_OPTIONS: undefined,
    FORCE_COLOR: undefined,
  };
}

function common(name: ServiceName, around: Surroundings): Variables {
  return {
    HOST: '127.0.0.1',
    PORT: new URL(around.urls[name]).port,
    REDIS_URL: around.redisUrl,
    ...secret('DATABASE_URL', { value: around.databaseUrls[name] }),
    ...secret('ADMIN_TOKEN', { file: around.secrets.adminToken }),
    SIMULATOR_URL: around.simulatorUrl,
    CONFIG_DIR: around.configDir,
    TRADING_MODE: 'paper',
    LIVE_TRADING_ACK: undefined,
    RUN_ID: undefined,
    STREAM_PARTITIONS: '1',
    MARKET_DATA_SOURCE: undefined,
  };
}

function own(name: ServiceName, { secrets, urls }: Surroundings): Variables {
  switch (name) {
    case 'risk-manager':
      return secret('RISK_SIGNING_KEY', { file: secrets.riskSigningKey });
    case 'trade-executor':
      return {
        ...secret('RISK_PUBLIC_KEY', { file: secrets.riskPublicKey }),
        // The simulated account's key guards nothing: the executor has it by default.
        ...secret('VENUE_API_KEY', {}),
        ...secret('VENUE_API_SECRET', {}),
      };
    case 'parameter-optimizer':
      return { MARKET_ANALYST_URL: urls['market-analyst'] };
    case 'mcp-hub-controller':
      return { ...secret('MCP_TOKEN', { file: secrets.mcpToken }), ...addressesOfOthers(name, urls) };
    default:
      return {};
  }
}

function addressesOfOthers(self: ServiceName, urls: ServiceUrls): Variables {
  return Object.fromEntries(
    SERVICE_NAMES.map((name) => [urlVariable(name), name === self ? undefined : urls[name]]),
  );
}

/** A secret in one of its two spellings; a service refuses both at once, so the other is taken away. */
function secret(name: string, given: { readonly value?: string; readonly file?: string }): Variables {
  return { [name]: given.value, [`${name}_FILE`]: given.file };
}
