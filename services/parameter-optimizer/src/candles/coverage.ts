import { type CandleColumns, firstRowFrom } from '@fleet/domain/candles';
import { barsIn, type Span } from '../search/period.ts';

/** Real markets pause; a period with more holes than this is not what was asked for. */
const BARS_SHARE_MIN = 0.9;

/** Why these candles are not those of the period, or null: its first and last bar must be there, and most between. */
export function coverageFault(candles: CandleColumns, period: Span): string | null {
  const { symbol, openTime, length, intervalMs } = candles;
  const [first, last] = [openTime[0], openTime[length - 1]];
  if (first === undefined || last === undefined) return `${symbol} has no candle`;
  if (first > period.from || last < period.to - intervalMs) {
    return `${symbol} only from ${iso(first)} to ${iso(last + intervalMs)}`;
  }
  const have = firstRowFrom(candles, period.to) - firstRowFrom(candles, period.from);
  const whole = barsIn(period, intervalMs);
  return have < whole * BARS_SHARE_MIN ? `${symbol} has ${have} of ${whole} bars` : null;
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
