import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import {
  dayEnvironmentShape,
  readTradingConfiguration,
  type TradingConfiguration,
} from '@fleet/domain/configuration';
import { type VenueConfig, venueConfigSchema } from '@fleet/domain/matching';
import {
  callerConfigShape,
  commonConfigShape,
  envInteger,
  envNumber,
  envUrl,
  loadConfig,
  loadYaml,
} from '@fleet/shared/config';
import { z } from 'zod';

/** Of the schema of study.requested. */
const TRIALS_MAX = 10_000;

const schema = z.object({
  ...commonConfigShape,
  ...callerConfigShape,
  ...dayEnvironmentShape,
  PORT: commonConfigShape.PORT.default(7007),
  /** Folder of files SYMBOL-INTERVAL-….csv[.gz]. */
  CANDLES_DIR: z.string().trim().min(1).optional(),
  /** Asked for its stored bars where no file covers the period. */
  MARKET_ANALYST_URL: envUrl('http', 'https').optional(),
  /** Threads that run trials; one a core when absent. */
  OPTIMIZER_THREADS: envInteger({ min: 1, max: 256 }).optional(),
  /** Priority of those threads, 0 (usual) to 19 (lowest): trading beside them comes first. */
  OPTIMIZER_NICE: envInteger({ min: 0, max: 19 }).default(10),
  OPTIMIZER_TRIALS_MAX: envInteger({ min: 1, max: TRIALS_MAX }).default(2_000),
  /** Bars of a study's period, over all symbols. */
  OPTIMIZER_BARS_MAX: envInteger({ min: 1_000, max: 20_000_000 }).default(3_000_000),
  /** Studies that wait or run. */
  OPTIMIZER_STUDIES_MAX: envInteger({ min: 1, max: 1_000 }).default(20),
  /** What a trial needs to be a candidate, where a study does not say its own. */
  OPTIMIZER_TRADES_MIN: envInteger({ min: 0, max: 100_000 }).default(10),
  OPTIMIZER_DRAWDOWN_MAX_PCT: envNumber({ min: 0.1, max: 100 }).default(25),
  /** So many of the best are shown on the test period. */
  OPTIMIZER_CANDIDATES: envInteger({ min: 1, max: 50 }).default(5),
});

export type OptimizerConfig = z.output<typeof schema>;

/** Throws a ConfigError that lists every fault. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): OptimizerConfig {
  return loadConfig(schema, { env, prefix: ['OPTIMIZER_', 'DAILY_', 'TRADING_DAY_'] });
}

/** Threads for trials: never more than cores, because more would only wait for each other. */
export function threadsOf({ OPTIMIZER_THREADS: asked }: OptimizerConfig): number {
  const cores = availableParallelism();
  return Math.min(asked ?? cores, cores);
}

export interface TrialRules {
  readonly configuration: TradingConfiguration;
  readonly venue: VenueConfig;
}

/** The rules of the fleet, as a replay has them: nobody is there to lift a halt by the loss cap. */
export function readTrialRules(config: OptimizerConfig): TrialRules {
  const load = <Schema extends z.ZodType>(file: string, schema: Schema) =>
    loadYaml(join(config.CONFIG_DIR, file), schema);
  return {
    configuration: readTradingConfiguration(load, { environment: config, replay: true }),
    venue: load('venue.yaml', venueConfigSchema),
  };
}
