import type { z } from 'zod';
import type { ExactBar } from '../bar-set/decide.ts';
import type { klineMessageSchema, klineRowSchema } from './schema.ts';

/** The vendor's fields end here. */
export function barOfRow(symbol: string, row: z.output<typeof klineRowSchema>): ExactBar {
  const [openTime, open, high, low, close, volume] = row;
  return { symbol, openTime, open, high, low, close, volume };
}

/** The bar of a stream message, or null while it is not closed. */
export function barOfMessage({ k }: z.output<typeof klineMessageSchema>): ExactBar | null {
  if (!k.x) return null;
  return { symbol: k.s, openTime: k.t, open: k.o, high: k.h, low: k.l, close: k.c, volume: k.v };
}
