import type { BarText } from '@fleet/domain/bars';
import type { Instrument } from '@fleet/domain/instruments';
import type { BarSeries } from './bar-series.ts';

/** What the simulator trades: instruments in configured order and their candles of one interval. */
export interface Market {
  readonly instruments: readonly Instrument[];
  readonly symbols: readonly string[];
  /** Name of the interval, such as '1m', and its length. */
  readonly interval: string;
  readonly intervalMs: number;
  /** Open time of the first bar set of the run; what opens earlier is history for REST. */
  readonly from: number;
  /** Bar sets of the run in [from, to) open before this time; null when the market has no end. */
  readonly to: number | null;
  /** Number of bar sets, null when the market has no end. */
  readonly total: number | null;
  /** Names the market: the same text for the same candles and bounds, whatever the files are called. */
  readonly descriptor: string;
  readonly series: ReadonlyMap<string, BarSeries>;
}

/** One open time with the candles of the symbols that have one, in configured order. */
export interface BarSet {
  readonly openTime: number;
  readonly bars: readonly { readonly symbol: string; readonly bar: BarText }[];
  readonly missing: readonly string[];
}

/** The set of an open time; `bars` is empty where no symbol has a candle. */
export function barSet(market: Market, openTime: number): BarSet {
  const bars: { symbol: string; bar: BarText }[] = [];
  const missing: string[] = [];
  for (const symbol of market.symbols) {
    const bar = market.series.get(symbol)?.at(openTime) ?? null;
    if (bar === null) missing.push(symbol);
    else bars.push({ symbol, bar });
  }
  return { openTime, bars, missing };
}

/**
 * Open time of the first set at or after `time`, null at the market's end. A time at which no symbol traded (the
 * exchange stood still) has no set: nothing happens then.
 */
export function nextSetFrom(market: Market, time: number): number | null {
  let next: number | null = null;
  for (const series of market.series.values()) {
    const found = series.firstFrom(Math.max(time, market.from));
    if (found !== null && (next === null || found < next)) next = found;
  }
  return next !== null && market.to !== null && next >= market.to ? null : next;
}
