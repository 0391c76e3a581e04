import { z } from 'zod';

const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be HH:MM');

/** `config/risk.yaml`: what nothing may pass. Values in quote units, shares as fractions of equity. */
export const riskLimitsSchema = z.strictObject({
  /** Only these symbols trade. */
  allowedSymbols: z.array(z.string()).min(1),
  /** A last bar older than this (market time, from its close) is stale. */
  marketDataAgeMsMax: z.int().min(1_000),
  /** Largest value of one order that raises exposure. */
  orderNotionalMax: z.number().positive(),
  /** Largest position of one symbol, open orders and reservations counted: by value, and as a share of equity. */
  positionNotionalMax: z.number().positive(),
  positionShareMax: z.number().positive().max(1),
  /** A market buy is checked and locked at the reference price × (1 + collar). As at the simulated venue. */
  collar: z.number().min(0).max(0.2),
  takerFeeRate: z.number().min(0).max(0.05),
  /** An order's worst case to its stop counts times this: stops slip. */
  stopSlippageFactor: z.number().min(1).max(5).default(1.2),
  /** When raising orders pass, in the trading day's time zone; none configured is always. Days: 0 is Sunday. */
  tradingWindows: z
    .array(z.strictObject({ days: z.array(z.int().min(0).max(6)).min(1), from: clock, to: clock }))
    .default([]),
  /** Dates (YYYY-MM-DD) on which nothing raises exposure. */
  blackoutDates: z.array(z.iso.date()).default([]),
  /** When a bar is implausible: nothing that raises exposure is approved on it. */
  bars: z
    .strictObject({
      missingBarsMax: z.int().min(0).max(10_000).default(0),
      zeroVolumeRunMax: z.int().min(0).max(10_000).default(10),
      jumpSigmaMax: z.number().positive().max(1_000).default(12),
      jumpShareMin: z.number().min(0).max(1).default(0.02),
      /** Returns over which the deviation of the jump check is taken. */
      historyBars: z.int().min(10).max(1_000).default(120),
    })
    .prefault({}),
  /** How long an approval holds, in market time. */
  approvalValidForMs: z.int().min(1_000).max(3_600_000).default(60_000),
});
export type RiskLimits = Readonly<z.infer<typeof riskLimitsSchema>>;
