import { type FilterBreach, filterBreach, type Instrument } from '../instruments/index.ts';
import { type Decimal, decimal, roundToPlaces } from '../money/index.ts';
import type { Rates } from './rules.ts';
import type { VenueOrderRequest, VenueRefusal } from './venue.ts';

/** What an order must lock: an asset and an amount of it. */
export interface Lock {
  readonly asset: string;
  readonly amount: Decimal;
}

const FILTERS: Readonly<Record<FilterBreach, VenueRefusal>> = {
  PRICE_PRECISION: 'FILTER_PRICE',
  QUANTITY_PRECISION: 'FILTER_LOT_SIZE',
  QUANTITY_BELOW_MINIMUM: 'FILTER_LOT_SIZE',
  QUANTITY_ABOVE_MAXIMUM: 'FILTER_LOT_SIZE',
  NOTIONAL_BELOW_MINIMUM: 'FILTER_NOTIONAL',
};

/**
 * Checks of one request that need no balance, in the venue's order: a price to judge by, the filters, and whether it
 * would trigger or match at once. `lastPrice` in quote units, NaN before the first; without one only a LIMIT passes.
 */
export function refusalOf(
  instrument: Instrument,
  request: VenueOrderRequest,
  lastPrice: number,
): VenueRefusal | null {
  const missing = Number.isNaN(lastPrice);
  if (missing && request.type !== 'LIMIT') return 'NO_PRICE';
  const price = pricedAt(request);
  if (price === 'missing') return 'FILTER_PRICE';
  const breach = filterBreach(instrument, {
    quantity: decimal(request.quantity),
    price,
    reference: decimal(missing ? 0 : lastPrice),
  });
  if (breach !== null) return FILTERS[breach];
  if (price === null) return null;
  const below = price.lte(lastPrice);
  const above = price.gte(lastPrice);
  const sell = request.side === 'sell';
  if (request.type === 'STOP_LOSS' && (sell ? above : below)) return 'STOP_WOULD_TRIGGER';
  if (request.type === 'LIMIT_MAKER' && (sell ? below : above)) return 'WOULD_MATCH_IMMEDIATELY';
  return null;
}

/**
 * What the order locks. A sell: its base quantity. A limit buy: quantity × limit. A market or stop buy: quantity ×
 * last or trigger price × (1 + collar) × (1 + taker fee rate), rounded up to 8 decimals.
 */
export function lockOf(
  instrument: Instrument,
  rates: Rates,
  request: VenueOrderRequest,
  lastPrice: number,
): Lock {
  const quantity = decimal(request.quantity);
  if (request.side === 'sell') return { asset: instrument.base, amount: quantity };
  const { limitPrice, stopPrice } = pricesOf(request);
  const cost = quantity.mul(limitPrice ?? stopPrice ?? lastPrice);
  const amount = limitPrice !== null ? cost : roundToPlaces(cost.mul(rates.marketLock), 8, 'up');
  return { asset: instrument.quote, amount };
}

/** The prices that the order's type uses; one that it does not use counts as not given. */
export function pricesOf(request: VenueOrderRequest): {
  readonly limitPrice: string | null;
  readonly stopPrice: string | null;
} {
  const limited = request.type === 'LIMIT' || request.type === 'LIMIT_MAKER';
  return {
    limitPrice: limited ? request.price : null,
    stopPrice: request.type === 'STOP_LOSS' ? request.stopPrice : null,
  };
}

/** The limit or trigger price, null for MARKET, 'missing' where the type needs one and none is given. */
function pricedAt(request: VenueOrderRequest): Decimal | null | 'missing' {
  if (request.type === 'MARKET') return null;
  const { limitPrice, stopPrice } = pricesOf(request);
  const price = limitPrice ?? stopPrice;
  return price === null ? 'missing' : decimal(price);
}
