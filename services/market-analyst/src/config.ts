import { join } from 'node:path';
import { intervalMs } from '@fleet/domain/bars';
import { instrumentsSchema } from '@fleet/domain/instruments';
import { type StrategyAssignment, strategiesSchema } from '@fleet/domain/strategies';
import { ConfigError, commonConfigShape, envInteger, loadConfig, loadYaml } from '@fleet/shared/config';
import { z } from 'zod';

const SIMULATOR_GRACE_MS = 25;
const VENUE_GRACE_MS = 2_000;

const configSchema = z.object({
  ...commonConfigShape,
  PORT: envInteger({ min: 0, max: 65_535 }).default(7003),
  /** `ingest`: bars come by POST /analysis/ingest, and no venue is connected to. */
  MARKET_DATA_SOURCE: z.enum(['venue', 'ingest'], 'must be venue or ingest').default('venue'),
  /** How long a symbol's bar may come after another's of its minute; the simulator's all come at once. */
  MARKET_GRACE_MS: envInteger({ min: 0, max: 30_000 }).optional(),
  /** A symbol without a bar for so long is stale. */
  MARKET_STALE_AFTER_MS: envInteger({ min: 1_000, max: 3_600_000 }).default(150_000),
});

export type AnalystConfig = z.output<typeof configSchema>;

export function readConfig(env: NodeJS.ProcessEnv = process.env): AnalystConfig {
  const config = loadConfig(configSchema, { env, prefix: 'MARKET_' });
  if (config.TRADING_MODE === 'paper' && config.MARKET_DATA_SOURCE === 'venue' && !config.SIMULATOR_URL) {
    const problem = 'is required in paper mode';
    throw new ConfigError('environment', [
      { name: 'SIMULATOR_URL', problem, action: 'set it to the simulator, e.g. http://127.0.0.1:7100' },
    ]);
  }
  return config;
}

/** The simulator's address, or null where the real exchange is meant. */
export function simulatorUrl(config: AnalystConfig): string | null {
  return config.TRADING_MODE === 'live' ? null : (config.SIMULATOR_URL ?? null);
}

export function graceMs(config: AnalystConfig): number {
  return config.MARKET_GRACE_MS ?? (simulatorUrl(config) === null ? VENUE_GRACE_MS : SIMULATOR_GRACE_MS);
}

export interface Analysed {
  readonly interval: string;
  readonly intervalMs: number;
  /** In the order of the instruments. */
  readonly assignments: readonly StrategyAssignment[];
}

/** `strategies.yaml`, in the order of `instruments.yaml`. Throws ConfigError with every symbol that is no instrument. */
export function readStrategies(configDir: string): Analysed {
  const path = join(configDir, 'strategies.yaml');
  const { interval, strategies } = loadYaml(path, strategiesSchema);
  const { instruments } = loadYaml(join(configDir, 'instruments.yaml'), instrumentsSchema);
  const order = new Map(instruments.map(({ symbol }, index) => [symbol, index]));
  const strangers = strategies.filter(({ symbol }) => !order.has(symbol));
  if (strangers.length > 0) {
    throw new ConfigError(
      path,
      strangers.map(({ symbol }) => ({
        name: symbol,
        problem: 'has a strategy and is not in instruments.yaml',
        action: `add the instrument ${symbol}, or take the strategy out`,
      })),
    );
  }
  const place = ({ symbol }: StrategyAssignment): number => order.get(symbol) ?? 0;
  return {
    interval,
    intervalMs: intervalMs(interval),
    assignments: [...strategies].sort((left, right) => place(left) - place(right)),
  };
}
