import { join } from 'node:path';
import {
  dayEnvironmentShape,
  readTradingConfiguration,
  type TradingConfiguration,
} from '@fleet/domain/configuration';
import {
  ConfigError,
  type ConfigFault,
  commonConfigShape,
  envInteger,
  loadConfig,
  loadYaml,
} from '@fleet/shared/config';
import { z } from 'zod';

/** The key of the simulated account: it guards nothing and is no secret. */
const PAPER_KEY = { key: 'paper-key', secret: 'paper-secret' };

const configSchema = z.object({
  ...commonConfigShape,
  ...dayEnvironmentShape,
  PORT: envInteger({ min: 0, max: 65_535 }).default(7005),
  /** Folder of the risk manager's Ed25519 public keys, `*.pem`: each counts, and a change is seen while running. */
  RISK_PUBLIC_KEYS_DIR: z.string().trim().min(1).optional(),
  /** In its place, one key for good: `RISK_PUBLIC_KEY_FILE` names its file. */
  RISK_PUBLIC_KEY: z.string().includes('PUBLIC KEY', 'must be a PEM public key').optional(),
  /** The name under which approvals were signed before keys had ids of their own. */
  RISK_SIGNING_KEY_ID: z.string().trim().min(1).max(60).default('risk-1'),
  /** Of the exchange account, without permission to withdraw. In paper mode the simulator's. */
  VENUE_API_KEY: z.string().trim().min(1).max(512).optional(),
  VENUE_API_SECRET: z.string().trim().min(1).max(4_096).optional(),
  /** How long after its timestamp the venue may still take a request. */
  VENUE_RECV_WINDOW_MS: envInteger({ min: 500, max: 2_000 }).default(2_000),
  /** Seconds between two comparisons of the books with the venue while trading. */
  VENUE_RECONCILE_SECONDS: envInteger({ min: 5, max: 3_600 }).default(60),
  /** Live trading needs the account's own name here, the same as RUN_ID. */
  LIVE_TRADING_ACK: z.string().trim().optional(),
});
export type ExecutorConfig = z.output<typeof configSchema>;

/** Throws a ConfigError that lists every fault. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): ExecutorConfig {
  const config = loadConfig(configSchema, { env, prefix: ['VENUE_', 'DAILY_', 'TRADING_DAY_'] });
  const faults = config.TRADING_MODE === 'live' ? liveFaults(config) : paperFaults(config);
  faults.push(...keyFaults(config));
  if (faults.length > 0) throw new ConfigError('environment', faults);
  return config;
}

function keyFaults({ RISK_PUBLIC_KEYS_DIR, RISK_PUBLIC_KEY }: ExecutorConfig): ConfigFault[] {
  if ((RISK_PUBLIC_KEYS_DIR === undefined) !== (RISK_PUBLIC_KEY === undefined)) return [];
  const problem = RISK_PUBLIC_KEY === undefined ? 'is required' : 'is set beside RISK_PUBLIC_KEY';
  const action = 'name the folder of the risk manager’s public keys, or one of them as RISK_PUBLIC_KEY_FILE';
  return [{ name: 'RISK_PUBLIC_KEYS_DIR', problem, action }];
}

function paperFaults({ SIMULATOR_URL }: ExecutorConfig): ConfigFault[] {
  if (SIMULATOR_URL !== undefined) return [];
  const action = 'set it to the simulator, e.g. http://127.0.0.1:7100';
  return [{ name: 'SIMULATOR_URL', problem: 'is required in paper mode', action }];
}

/** Everything that live trading needs, and all that is missing at once. */
function liveFaults(config: ExecutorConfig): ConfigFault[] {
  const faults: ConfigFault[] = [];
  const need = (name: string, holds: boolean, problem: string, action: string): void => {
    if (!holds) faults.push({ name, problem, action });
  };
  const { RUN_ID, LIVE_TRADING_ACK, VENUE_API_KEY, VENUE_API_SECRET, SIMULATOR_URL } = config;
  need('RUN_ID', RUN_ID !== undefined, 'is required in live mode', "set it to the account's own name");
  need(
    'LIVE_TRADING_ACK',
    LIVE_TRADING_ACK !== undefined && LIVE_TRADING_ACK === RUN_ID,
    'must equal RUN_ID in live mode',
    'write the name of the account that is to trade real money',
  );
  need(
    'VENUE_API_KEY',
    VENUE_API_KEY !== undefined,
    'is required in live mode',
    'give the key of the account',
  );
  need(
    'VENUE_API_SECRET',
    VENUE_API_SECRET !== undefined,
    'is required in live mode',
    'give the secret of that key as VENUE_API_SECRET_FILE',
  );
  need('SIMULATOR_URL', SIMULATOR_URL === undefined, 'is set in live mode', 'remove it, or trade on paper');
  return faults;
}

export interface VenueAccess {
  /** Null where the real exchange is meant. */
  readonly simulatorUrl: string | null;
  readonly apiKey: string;
  readonly secret: string;
}

export function venueAccess(config: ExecutorConfig): VenueAccess {
  return {
    simulatorUrl: config.TRADING_MODE === 'live' ? null : (config.SIMULATOR_URL ?? null),
    apiKey: config.VENUE_API_KEY ?? PAPER_KEY.key,
    secret: config.VENUE_API_SECRET ?? PAPER_KEY.secret,
  };
}

/** `config/*.yaml`, with what the environment overrides of the trading day. */
export function readTrading(config: ExecutorConfig): TradingConfiguration {
  return readTradingConfiguration((file, schema) => loadYaml(join(config.CONFIG_DIR, file), schema), {
    environment: config,
    replay: config.TRADING_MODE !== 'live',
  });
}
