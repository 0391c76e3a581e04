import { z } from 'zod';

/** `config/portfolio.yaml`: how signals become positions. Shares are fractions of equity. */
export const portfolioRulesSchema = z.strictObject({
  /** Annualised volatility that a full signal aims at (0.4 is 40 %). */
  volTarget: z.number().positive().max(10),
  /** Bars over which the volatility of simple returns is measured. */
  volWindow: z.int().min(10).max(20_000),
  /** Largest weight of one symbol; `symbolCaps` overrides it by symbol. */
  symbolCap: z.number().positive().max(1),
  symbolCaps: z.record(z.string(), z.number().min(0).max(1)).default({}),
  /** Symbols that move together share a cap. */
  groups: z
    .array(z.strictObject({ symbols: z.array(z.string()).min(1), cap: z.number().positive().max(1) }))
    .default([]),
  /** Weights may drift this far (absolute) before a trade, which then goes to the near edge. */
  band: z.number().min(0).max(0.5),
  /** An entry whose quantity at its stop is worth less than this many minimum notionals is not made. */
  entryNotionalFactor: z.number().min(1).max(100).default(1.5),
  /** How long a proposal holds, in market time. */
  validForMs: z.int().min(1_000).max(3_600_000).default(60_000),
});
export type PortfolioRules = Readonly<z.infer<typeof portfolioRulesSchema>>;
