import type { BarText } from '@fleet/domain/bars';
import { decimal } from '@fleet/domain/money';
import { fixed } from '../exchange/amounts.ts';
import { BinanceError } from './binance-error.ts';
import { type ApiContext, instrumentOf } from './endpoint.ts';
import type { Parameters } from './parameters.ts';

const LIMIT_DEFAULT = 500;
const LIMIT_MAX = 1_000;

/**
 * `klines` of the market's interval: closed candles alone, as far as the market has come; candles before the run's
 * begin are its history. With startTime the first `limit` from there, else the last ones.
 */
export function klines(parameters: Parameters, context: ApiContext): unknown {
  const { market, exchange } = context.simulation;
  const { symbol } = instrumentOf(parameters, context);
  if (parameters.text('interval') !== market.interval) throw new BinanceError('INTERVAL');
  const startTime = parameters.optionalInteger('startTime');
  const endTime = parameters.optionalInteger('endTime');
  const limit = parameters.limit(LIMIT_DEFAULT, LIMIT_MAX);
  // A candle is closed once the market has reached its end.
  const closedBefore = exchange.marketTime - market.intervalMs + 1;
  const until = Math.min(closedBefore, (endTime ?? Number.POSITIVE_INFINITY) + 1);
  const bars = market.series.get(symbol)?.range(startTime ?? 0, until, limit, startTime === undefined) ?? [];
  return bars.map((bar) => klineRow(bar, market.intervalMs));
}

/** Value of a candle's trades in quote units: no candle file of six columns has it, so it is taken at the close. */
export function quoteVolume(bar: BarText): string {
  return fixed(decimal(bar.volume).mul(bar.close).toDecimalPlaces(8).toFixed());
}

function klineRow(bar: BarText, intervalMs: number): unknown[] {
  const { openTime, open, high, low, close, volume } = bar;
  const quote = quoteVolume(bar);
  return [openTime, open, high, low, close, volume, openTime + intervalMs - 1, quote, 0, '0', '0', '0'];
}
