import { join } from 'node:path';
import {
  dayEnvironmentShape,
  readTradingConfiguration,
  type TradingConfiguration,
} from '@fleet/domain/configuration';
import { commonConfigShape, envInteger, loadConfig, loadYaml } from '@fleet/shared/config';
import { z } from 'zod';

const configSchema = z.object({
  ...commonConfigShape,
  ...dayEnvironmentShape,
  PORT: envInteger({ min: 0, max: 65_535 }).default(7001),
  /** A cycle that is not complete after so long is given up and told; never in lock-step. */
  CYCLE_TIMEOUT_MS: envInteger({ min: 1_000, max: 3_600_000 }).default(30_000),
  /** A flatten that is not done after so long ends in a halt, and what is left is told; never in lock-step. */
  FLATTEN_TIMEOUT_MS: envInteger({ min: 1_000, max: 3_600_000 }).default(60_000),
  /** Path of the Unix socket that stops the fleet without sign-in; none when absent. */
  BREAK_GLASS_SOCKET: z.string().trim().startsWith('/', 'must be an absolute path').optional(),
});
export type OrchestratorConfig = z.output<typeof configSchema>;

export function readConfig(env: NodeJS.ProcessEnv = process.env): OrchestratorConfig {
  return loadConfig(configSchema, {
    env,
    prefix: ['CYCLE_', 'FLATTEN_', 'DAILY_', 'TRADING_DAY_', 'BREAK_GLASS_'],
  });
}

/** `config/*.yaml`, with what the environment overrides of the trading day. */
export function readTrading(config: OrchestratorConfig, replay: boolean): TradingConfiguration {
  return readTradingConfiguration((file, schema) => loadYaml(join(config.CONFIG_DIR, file), schema), {
    environment: config,
    replay,
  });
}
