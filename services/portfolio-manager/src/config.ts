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
  PORT: envInteger({ min: 0, max: 65_535 }).default(7002),
});
export type PortfolioConfig = z.output<typeof configSchema>;

export function readConfig(env: NodeJS.ProcessEnv = process.env): PortfolioConfig {
  return loadConfig(configSchema, { env, prefix: ['DAILY_', 'TRADING_DAY_'] });
}

/** `config/*.yaml`, with what the environment overrides of the trading day. */
export function readTrading(config: PortfolioConfig, replay: boolean): TradingConfiguration {
  return readTradingConfiguration((file, schema) => loadYaml(join(config.CONFIG_DIR, file), schema), {
    environment: config,
    replay,
  });
}
