import { z } from 'zod';
import { instrumentsSchema } from '../instruments/index.ts';
import { portfolioRulesSchema } from '../portfolio/index.ts';
import { riskLimitsSchema } from '../risk/index.ts';
import { strategiesSchema } from '../strategies/index.ts';
import { type DayRules, dayRulesSchema } from '../supervision/index.ts';
import { type TradingConfiguration, tradingConfiguration } from './configuration.ts';

const percent = z
  .string()
  .trim()
  .regex(/^\d+(\.\d+)?$/, 'must be a number of percent such as 1 or 0.5')
  .transform(Number)
  .pipe(z.number().positive().max(100));

/** Environment variables that override `config/day.yaml`, for the configuration of each service that reads it. */
export const dayEnvironmentShape = {
  DAILY_TARGET_PCT: percent.optional(),
  DAILY_TARGET_POLICY: dayRulesSchema.shape.targetPolicy.unwrap().optional(),
  DAILY_LOSS_CAP_PCT: percent.optional(),
  TRADING_DAY_TZ: z.string().trim().min(1).optional(),
  TRADING_DAY_START: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be HH:MM')
    .optional(),
};
export type DayEnvironment = z.output<z.ZodObject<typeof dayEnvironmentShape>>;

/** Reads one file of the configuration folder by its schema; throws what is wrong with it. */
export type LoadFile = <Schema extends z.ZodType>(file: string, schema: Schema) => z.output<Schema>;

/**
 * The trading configuration from its files. In a replay nobody is there to lift a halt by the loss cap: the next
 * trading day does.
 * @throws what `load` throws, or ConfigurationConflictError when the files do not fit together.
 */
export function readTradingConfiguration(
  load: LoadFile,
  options: { readonly environment?: DayEnvironment; readonly replay: boolean },
): TradingConfiguration {
  return tradingConfiguration({
    instruments: load('instruments.yaml', instrumentsSchema),
    strategies: load('strategies.yaml', strategiesSchema),
    portfolio: load('portfolio.yaml', portfolioRulesSchema),
    risk: load('risk.yaml', riskLimitsSchema),
    day: dayRules(load('day.yaml', dayRulesSchema), options.environment ?? {}, options.replay),
  });
}

function dayRules(file: DayRules, environment: DayEnvironment, replay: boolean): DayRules {
  return {
    ...file,
    targetPct: environment.DAILY_TARGET_PCT ?? file.targetPct,
    targetPolicy: environment.DAILY_TARGET_POLICY ?? file.targetPolicy,
    lossCapPct: environment.DAILY_LOSS_CAP_PCT ?? file.lossCapPct,
    timeZone: environment.TRADING_DAY_TZ ?? file.timeZone,
    start: environment.TRADING_DAY_START ?? file.start,
    lossCapResume: replay ? 'next-day' : file.lossCapResume,
  };
}
