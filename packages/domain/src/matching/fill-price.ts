import type { Instrument } from '../instruments/index.ts';
import { Decimal, decimal, roundToStep } from '../money/index.ts';
import type { Rates } from './rules.ts';

/**
 * Price of a taker fill at `reference` (quote units): slippage against us, rounded to the tick against us (a buy up,
 * a sell down, at least one tick). It may lie outside the bar's range: what a bar printed is not what our order
 * would have got.
 */
export function takerPrice(
  instrument: Instrument,
  rates: Rates,
  side: 'buy' | 'sell',
  reference: string | number,
): Decimal {
  const base = decimal(reference);
  if (side === 'buy') return roundToStep(base.mul(rates.buySlippage), instrument.tickSize, 'up');
  const price = roundToStep(base.mul(rates.sellSlippage), instrument.tickSize, 'down');
  return Decimal.max(price, instrument.tickSize);
}

/** `price` if it is not worse for us than `limit`, else `limit`. */
export function noWorseThan(limit: string, side: 'buy' | 'sell', price: Decimal): Decimal {
  return side === 'buy' ? Decimal.min(price, limit) : Decimal.max(price, limit);
}
