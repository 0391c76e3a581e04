import type { Instrument } from '../instruments/index.ts';
import type { MatchingBar, VenueOrder } from './venue.ts';

/** An open order with the one number that a bar is compared with: limit or trigger price, NaN for MARKET. */
export interface OpenOrder {
  readonly order: VenueOrder;
  readonly sell: boolean;
  readonly trigger: number;
}

/** One symbol's open orders in the order of their ids, its last price (NaN before the first) and trade counter. */
export interface SymbolBook {
  readonly instrument: Instrument;
  orders: OpenOrder[];
  lastPrice: number;
  nextTradeId: number;
}

export function openOrder(order: VenueOrder): OpenOrder {
  const trigger = order.type === 'STOP_LOSS' ? order.stopPrice : order.price;
  return { order, sell: order.side === 'sell', trigger: trigger === null ? Number.NaN : Number(trigger) };
}

/**
 * Whether the open of a bar fills the order. Prices of up to 15 digits keep their order as numbers, so no decimal
 * is needed. A limit order that has not rested is a taker and crosses at its own price too; one that rests stands
 * behind the queue and needs a price beyond its limit.
 */
export function fillsAtOpen({ order, sell, trigger }: OpenOrder, open: number): boolean {
  switch (order.type) {
    case 'MARKET':
      return true;
    case 'STOP_LOSS':
      return sell ? open <= trigger : open >= trigger;
    case 'LIMIT':
    case 'LIMIT_MAKER':
      if (order.rested) return sell ? open > trigger : open < trigger;
      return sell ? open >= trigger : open <= trigger;
  }
}

/** Whether the range of a bar triggers a stop: touching is enough, against us. */
export function stopFillsInside({ order, sell, trigger }: OpenOrder, bar: MatchingBar): boolean {
  if (order.type !== 'STOP_LOSS') return false;
  return sell ? bar.low <= trigger : bar.high >= trigger;
}

/** Whether the range of a bar trades through a limit: touching is not enough, against us. */
export function limitFillsInside({ order, sell, trigger }: OpenOrder, bar: MatchingBar): boolean {
  if (order.type !== 'LIMIT' && order.type !== 'LIMIT_MAKER') return false;
  return sell ? bar.high > trigger : bar.low < trigger;
}

/** The books of all symbols; found by position when the bars come in configured order, else by name. */
export class Books {
  private readonly byPosition: readonly SymbolBook[];
  private readonly bySymbol: ReadonlyMap<string, SymbolBook>;
  /** Orders open over all symbols. */
  openCount = 0;

  constructor(instruments: readonly Instrument[]) {
    this.byPosition = instruments.map((instrument) => ({
      instrument,
      orders: [],
      lastPrice: Number.NaN,
      nextTradeId: 1,
    }));
    this.bySymbol = new Map(this.byPosition.map((book) => [book.instrument.symbol, book]));
  }

  all(): readonly SymbolBook[] {
    return this.byPosition;
  }

  get(symbol: string): SymbolBook | undefined {
    return this.bySymbol.get(symbol);
  }

  /** Book of a bar; `position` is the bar's index in its set, a hint only. */
  of(symbol: string, position: number): SymbolBook | undefined {
    const hinted = this.byPosition[position];
    return hinted !== undefined && hinted.instrument.symbol === symbol ? hinted : this.bySymbol.get(symbol);
  }

  add(book: SymbolBook, entry: OpenOrder): void {
    book.orders.push(entry);
    this.openCount += 1;
  }

  remove(book: SymbolBook, order: VenueOrder): void {
    const kept = book.orders.filter((entry) => entry.order !== order);
    this.openCount -= book.orders.length - kept.length;
    book.orders = kept;
  }

  find(clientOrderId: string): OpenOrder | undefined {
    if (this.openCount === 0) return undefined;
    for (const book of this.byPosition)
      for (const entry of book.orders) if (entry.order.clientOrderId === clientOrderId) return entry;
    return undefined;
  }
}
