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
  PORT: envInteger({ min: 0, max: 65_535 }).default(7004),
  /** Ed25519 private key, PEM (PKCS#8): `RISK_SIGNING_KEY_FILE` names its file. Only this service holds it. */
  RISK_SIGNING_KEY: z.string().includes('PRIVATE KEY', 'must be a PEM private key'),
  /** Names the key in each signature; absent: the id that follows from the key, which a rotation needs. */
  RISK_SIGNING_KEY_ID: z.string().trim().min(1).max(60).optional(),
});
export type RiskConfig = z.output<typeof configSchema>;

export function readConfig(env: NodeJS.ProcessEnv = process.env): RiskConfig {
  return loadConfig(configSchema, { env, prefix: ['RISK_', 'DAILY_', 'TRADING_DAY_'] });
}

/** `config/*.yaml`, with what the environment overrides of the trading day. */
export function readTrading(config: RiskConfig, replay: boolean): TradingConfiguration {
  return readTradingConfiguration((file, schema) => loadYaml(join(config.CONFIG_DIR, file), schema), {
    environment: config,
    replay,
  });
}
