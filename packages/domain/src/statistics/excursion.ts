import { type CandleColumns, firstRowFrom } from '../candles/index.ts';

export interface Excursion {
  /** Farthest move against the position, ≤ 0, and in its favour, ≥ 0, in percent of the entry price. */
  readonly mae: number;
  readonly mfe: number;
}

interface Held {
  readonly entryTime: number;
  readonly exitTime: number;
  readonly entryPrice: number;
  readonly exitPrice: number;
}

/**
 * How far a long position ran against and for its holder: the lows and highs of the bars from the one of the entry
 * to the last one complete before the exit, and the exit price itself. In the bar of the exit only that price
 * counts, because what the bar did afterwards was not suffered. Times in epoch ms. Source: Sweeney, Maximum
 * Adverse Excursion, 1997.
 */
export function excursion(columns: CandleColumns, trade: Held): Excursion {
  let low = Math.min(trade.entryPrice, trade.exitPrice);
  let high = Math.max(trade.entryPrice, trade.exitPrice);
  const first = firstRowFrom(columns, trade.entryTime - columns.intervalMs + 1);
  const end = firstRowFrom(columns, trade.exitTime - columns.intervalMs + 1);
  for (let row = first; row < end; row += 1) {
    low = Math.min(low, columns.low[row] ?? low);
    high = Math.max(high, columns.high[row] ?? high);
  }
  const percent = (price: number): number => (price / trade.entryPrice - 1) * 100;
  return { mae: percent(low), mfe: percent(high) };
}
