import { z } from 'zod';
import { defineEvent } from './definition.ts';
import { cycleIdField, epochMsField, symbolField } from './fields.ts';

/** Target exposure of one symbol after one bar. Strategies know no fills. */
export const signalProduced = defineEvent({
  type: 'signal.produced',
  v: 1,
  stream: 'analysis.signals',
  partitionBy: 'symbol',
  schema: z.strictObject({
    cycleId: cycleIdField,
    symbol: symbolField,
    interval: z.string().min(2).max(4),
    openTime: epochMsField,
    strategy: z.string().min(1).max(60),
    /** Version of strategy, parameters and symbols that spoke. */
    strategyVersion: z.string().min(1).max(100),
    /** Share of the symbol's cap, 0 to 1. */
    target: z.number().min(0).max(1),
    /** Distance of the protective stop from the entry, quote units, or none. */
    stopDistance: z.number().positive().nullable(),
    confidence: z.number().min(0).max(1),
    reason: z.string().min(1).max(100),
    set: z.array(symbolField).min(1),
    missing: z.array(symbolField),
  }),
});
export type SignalProduced = z.infer<typeof signalProduced.schema>;
