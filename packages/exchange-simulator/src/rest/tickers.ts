import type { BarText } from '@fleet/domain/bars';
import type { Instrument } from '@fleet/domain/instruments';
import { type Decimal, decimal, roundToStep, ZERO } from '@fleet/domain/money';
import { fixed } from '../exchange/amounts.ts';
import { type ApiContext, instrumentOf, instrumentsOf } from './endpoint.ts';
import { quoteVolume } from './klines.ts';
import type { Parameters } from './parameters.ts';

const DAY_MS = 86_400_000;
const DEPTH_LEVELS_MAX = 20;
const BARS_OF_A_DAY_MAX = 1_440;

export function priceTicker(parameters: Parameters, context: ApiContext): unknown {
  return each(parameters, context, ({ symbol }) => ({ symbol, price: fixed(lastPrice(context, symbol)) }));
}

/** Best bid and ask: the last price and one tick above it. Candles have no book; orders are not matched against it. */
export function bookTicker(parameters: Parameters, context: ApiContext): unknown {
  return each(parameters, context, (instrument) => {
    const { bids, asks } = book(instrument, lastPrice(context, instrument.symbol), 1);
    const [bid, ask] = [bids[0] ?? ['0', '0'], asks[0] ?? ['0', '0']];
    return { symbol: instrument.symbol, bidPrice: bid[0], bidQty: bid[1], askPrice: ask[0], askQty: ask[1] };
  });
}

export function depth(parameters: Parameters, context: ApiContext): unknown {
  const instrument = instrumentOf(parameters, context);
  const levels = Math.min(parameters.limit(100, 5_000), DEPTH_LEVELS_MAX);
  const { bids, asks } = book(instrument, lastPrice(context, instrument.symbol), levels);
  return { lastUpdateId: context.simulation.exchange.marketTime, bids, asks };
}

export function dayTicker(parameters: Parameters, context: ApiContext): unknown {
  return each(parameters, context, (instrument) => dayStatistics(instrument, context));
}

/** The 24 hours of market time that end with the last closed candle. */
export function dayStatistics(instrument: Instrument, context: ApiContext): Record<string, unknown> {
  const { market, exchange } = context.simulation;
  const { symbol } = instrument;
  const end = exchange.marketTime - market.intervalMs + 1;
  const bars = market.series.get(symbol)?.range(end - DAY_MS, end, BARS_OF_A_DAY_MAX, true) ?? [];
  const last = decimal(lastPrice(context, symbol));
  const open = decimal(bars[0]?.open ?? last.toFixed());
  const [bid, ask] = [last, last.add(instrument.tickSize)];
  const sums = totals(bars);
  return {
    symbol,
    priceChange: fixed(last.sub(open).toFixed()),
    priceChangePercent: open.isZero() ? '0.000' : last.sub(open).div(open).mul(100).toFixed(3),
    weightedAvgPrice: fixed(sums.volume.isZero() ? last.toFixed() : sums.quote.div(sums.volume).toFixed(8)),
    prevClosePrice: fixed(open.toFixed()),
    lastPrice: fixed(last.toFixed()),
    lastQty: fixed(bars.at(-1)?.volume ?? '0'),
    bidPrice: fixed(bid.toFixed()),
    bidQty: fixed(instrument.quantityMax),
    askPrice: fixed(ask.toFixed()),
    askQty: fixed(instrument.quantityMax),
    openPrice: fixed(open.toFixed()),
    highPrice: fixed(extreme(bars, 'high', Math.max, last)),
    lowPrice: fixed(extreme(bars, 'low', Math.min, last)),
    volume: fixed(sums.volume.toFixed()),
    quoteVolume: fixed(sums.quote.toFixed()),
    openTime: exchange.marketTime - DAY_MS,
    closeTime: exchange.marketTime,
    firstId: -1,
    lastId: -1,
    count: bars.length,
  };
}

function each(
  parameters: Parameters,
  context: ApiContext,
  view: (instrument: Instrument) => unknown,
): unknown {
  const { instruments, one } = instrumentsOf(parameters, context);
  const views = instruments.map(view);
  return one ? views[0] : views;
}

function lastPrice({ simulation }: ApiContext, symbol: string): number {
  return simulation.exchange.lastPrice(symbol) ?? 0;
}

function book(instrument: Instrument, price: number, levels: number) {
  const quantity = fixed(instrument.quantityMax);
  const bid = roundToStep(decimal(price), instrument.tickSize, 'down');
  const rows = (from: Decimal, sign: 1 | -1): [string, string][] =>
    Array.from({ length: levels }, (_, level) => from.add(decimal(instrument.tickSize).mul(level * sign)))
      .filter((row) => row.gt(0))
      .map((row): [string, string] => [fixed(row.toFixed()), quantity]);
  return { bids: rows(bid, -1), asks: rows(bid.add(instrument.tickSize), 1) };
}

function totals(bars: readonly BarText[]): { readonly volume: Decimal; readonly quote: Decimal } {
  let [volume, quote] = [ZERO, ZERO];
  for (const bar of bars) {
    volume = volume.add(bar.volume);
    quote = quote.add(quoteVolume(bar));
  }
  return { volume, quote };
}

function extreme(
  bars: readonly BarText[],
  side: 'high' | 'low',
  pick: (...values: number[]) => number,
  otherwise: Decimal,
): string | number {
  return bars.length === 0 ? otherwise.toFixed() : pick(...bars.map((bar) => Number(bar[side])));
}
