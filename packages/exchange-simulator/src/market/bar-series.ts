import type { BarText } from '@fleet/domain/bars';

/** The candles of one symbol, in ascending order of open time; a missing candle is absent. */
export interface BarSeries {
  readonly symbol: string;
  /** The candle that opens at `openTime` (epoch ms), prices as the source writes them. */
  at(openTime: number): BarText | null;
  /** Open time of the first candle at or after `time`, or null at the end of the data. */
  firstFrom(time: number): number | null;
  /** Candles that open in [from, to), at most `limit`: the first ones, or with `newest` the last ones. Ascending. */
  range(from: number, to: number, limit: number, newest: boolean): BarText[];
}
