import { z } from 'zod';

/** `config/day.yaml`: the trading day, its target and its loss cap. */
export const dayRulesSchema = z.strictObject({
  timeZone: z.string().default('UTC'),
  start: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be HH:MM')
    .default('00:00'),
  /** Profit lock in percent of the day's opening equity: not a forecast. */
  targetPct: z.number().positive().max(100).default(1),
  /** lock: no new risk until the next day; flatten: sell all and halt until the next day; ignore: none. */
  targetPolicy: z.enum(['lock', 'flatten', 'ignore']).default('lock'),
  lossCapPct: z.number().positive().max(100).default(2),
  /** Whether reaching the cap also sells what is held. */
  lossCapFlatten: z.boolean().default(false),
  /** Who lifts a halt by the loss cap: a person, or (replay, backtest, optimiser) the next day. */
  lossCapResume: z.enum(['person', 'next-day']).default('person'),
});
export type DayRules = Readonly<z.infer<typeof dayRulesSchema>>;
