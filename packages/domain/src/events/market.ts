import { z } from 'zod';
import { positiveDecimalText, unsignedDecimalText } from '../money/index.ts';
import { defineEvent } from './definition.ts';
import { epochMsField, symbolField } from './fields.ts';

/** A closed bar, exact as the venue says it, with the symbols of its set. */
export const barClosed = defineEvent({
  type: 'bar.closed',
  v: 1,
  stream: 'market.bars',
  partitionBy: 'symbol',
  schema: z.strictObject({
    venue: z.string().min(1).max(40),
    symbol: symbolField,
    interval: z.string().min(2).max(4),
    openTime: epochMsField,
    closeTime: epochMsField,
    open: positiveDecimalText,
    high: positiveDecimalText,
    low: positiveDecimalText,
    close: positiveDecimalText,
    volume: unsignedDecimalText,
    /** Symbols of the set that have a bar, in configured order. */
    set: z.array(symbolField).min(1),
    /** Symbols of the set for which the venue has none at this open time. */
    missing: z.array(symbolField),
  }),
});
export type BarClosed = z.infer<typeof barClosed.schema>;

export const marketDataStale = defineEvent({
  type: 'market-data.stale',
  v: 1,
  stream: 'market.events',
  partitionBy: 'symbol',
  schema: z.strictObject({
    symbol: symbolField,
    lastCloseTime: epochMsField.nullable(),
    ageMs: z.number().nonnegative(),
  }),
});

export const marketDataRecovered = defineEvent({
  type: 'market-data.recovered',
  v: 1,
  stream: 'market.events',
  partitionBy: 'symbol',
  schema: z.strictObject({
    symbol: symbolField,
    closeTime: epochMsField,
    repairedBars: z.int().nonnegative(),
  }),
});
