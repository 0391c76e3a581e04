import { floorToLot, type Instrument } from '../instruments/index.ts';
import { type Decimal, decimal, roundToPlaces, text } from '../money/index.ts';
import type { BalanceSheet } from './balance-sheet.ts';
import type { Rates } from './rules.ts';
import type { SymbolBook } from './symbol-book.ts';
import type { VenueEvent, VenueOrder, VenueOrderStatus, VenueTrade } from './venue.ts';

export interface Fill {
  readonly price: Decimal;
  readonly maker: boolean;
  /** Venue time, epoch ms. */
  readonly time: number;
}

/**
 * Books one fill: the quantity that the lock can pay trades, the rest expires, and what the lock holds beyond the
 * cost goes back to free. Mutates the order into a final state and appends its events. The fee is a fraction of what
 * is received, in the asset received, rounded up to 8 decimals.
 */
export function settle(
  book: SymbolBook,
  order: VenueOrder,
  fill: Fill,
  rates: Rates,
  balances: BalanceSheet,
  events: VenueEvent[],
): void {
  const quantity = payableQuantity(book.instrument, order, fill.price);
  const whole = quantity.eq(order.quantity);
  order.updatedAt = fill.time;
  order.rested = true;
  if (quantity.gt(0)) {
    const trade = postTrade(book, order, quantity, fill, rates, balances);
    order.status = whole ? 'FILLED' : 'PARTIALLY_FILLED';
    events.push({ kind: 'trade', trade, order: { ...order } });
  }
  if (!whole) {
    finish(book.instrument, order, 'EXPIRED', fill.time, balances);
    events.push({ kind: 'ended', order: { ...order } });
  }
}

/** Ends an order: what is still locked for it goes back to free. */
export function finish(
  instrument: Instrument,
  order: VenueOrder,
  status: VenueOrderStatus,
  time: number,
  balances: BalanceSheet,
): void {
  balances.release(lockedAsset(instrument, order), decimal(order.locked));
  order.locked = '0';
  order.status = status;
  order.updatedAt = time;
  order.rested = true;
}

/** The whole quantity, or for a buy that its lock cannot pay what it can, down to the lot. */
function payableQuantity(instrument: Instrument, order: VenueOrder, price: Decimal): Decimal {
  const quantity = decimal(order.quantity);
  if (order.side === 'sell') return quantity;
  const lock = decimal(order.locked);
  return quantity.mul(price).lte(lock) ? quantity : floorToLot(instrument, lock.div(price));
}

function postTrade(
  book: SymbolBook,
  order: VenueOrder,
  quantity: Decimal,
  fill: Fill,
  rates: Rates,
  balances: BalanceSheet,
): VenueTrade {
  const { base, quote } = book.instrument;
  const value = quantity.mul(fill.price);
  const buy = order.side === 'buy';
  const received = buy ? quantity : value;
  const fee = roundToPlaces(received.mul(fill.maker ? rates.maker : rates.taker), 8, 'up');
  const locked = decimal(order.locked);
  const spent = buy ? value : quantity;
  // A part fill keeps the rest locked until the order is ended; a whole one gives back what it did not need.
  const left = quantity.eq(order.quantity) ? decimal(0) : locked.sub(spent);
  balances.spend(buy ? quote : base, spent);
  balances.release(buy ? quote : base, locked.sub(spent).sub(left));
  balances.receive(buy ? base : quote, received.sub(fee));
  order.locked = text(left);
  order.executedQuantity = text(quantity);
  order.cumulativeQuote = text(value);
  const tradeId = book.nextTradeId;
  book.nextTradeId += 1;
  return {
    tradeId,
    orderId: order.orderId,
    clientOrderId: order.clientOrderId,
    symbol: order.symbol,
    side: order.side,
    price: text(fill.price),
    quantity: text(quantity),
    quoteQuantity: text(value),
    fee: text(fee),
    feeAsset: buy ? base : quote,
    maker: fill.maker,
    time: fill.time,
  };
}

function lockedAsset(instrument: Instrument, order: VenueOrder): string {
  return order.side === 'buy' ? instrument.quote : instrument.base;
}
