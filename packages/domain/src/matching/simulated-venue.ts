import { decimal, text } from '../money/index.ts';
import { lockOf, pricesOf, refusalOf } from './admission.ts';
import { BalanceSheet } from './balance-sheet.ts';
import { matchOpen, matchPath } from './matching-steps.ts';
import { type Rates, ratesOf, VenueSetupError } from './rules.ts';
import { finish } from './settlement.ts';
import {
  Books,
  fillsAtOpen,
  limitFillsInside,
  type OpenOrder,
  openOrder,
  stopFillsInside,
} from './symbol-book.ts';
import type {
  MatchingBar,
  SimulatedVenue,
  VenueEvent,
  VenueOrder,
  VenueOrderRequest,
  VenueRefusal,
  VenueRules,
  VenueSnapshot,
} from './venue.ts';

/** Shared answer of a step that matched nothing, so that an idle bar allocates nothing. */
const NOTHING: VenueEvent[] = [];
Object.freeze(NOTHING);

type Placed = { order: Readonly<VenueOrder> } | { refusal: VenueRefusal };

/**
 * A venue with one account: from start balances (asset to amount), or as a snapshot left it. The same calls give the
 * same events, digit for digit.
 * @throws VenueSetupError for rates out of range, negative balances, or a snapshot with an unknown symbol.
 */
export function createSimulatedVenue(
  rules: VenueRules,
  start: { readonly balances: Readonly<Record<string, string>> } | VenueSnapshot,
): SimulatedVenue {
  return new Venue(rules, start);
}

/**
 * Keeps true: every open order stands in exactly one book and has its lock in the balances; ids only rise. An open
 * order counts as rested after the first step that begins after it was placed, whether or not that step was skipped
 * because nothing could match: `close` marks too.
 */
class Venue implements SimulatedVenue {
  private readonly rates: Rates;
  private readonly balanceSheet: BalanceSheet;
  private readonly books: Books;
  private nextOrderId = 1;
  private unrested = false;
  private closed = false;

  constructor(
    rules: VenueRules,
    start: { readonly balances: Readonly<Record<string, string>> } | VenueSnapshot,
  ) {
    this.rates = ratesOf(rules);
    this.balanceSheet = new BalanceSheet(start.balances);
    this.books = new Books(rules.instruments);
    if ('openOrders' in start) this.restore(start);
  }

  place(request: VenueOrderRequest, time: number): Placed {
    const book = this.books.get(request.symbol);
    if (book === undefined) return { refusal: 'UNKNOWN_SYMBOL' };
    if (this.closed) return { refusal: 'MARKET_CLOSED' };
    const refusal = refusalOf(book.instrument, request, book.lastPrice);
    if (refusal !== null) return { refusal };
    if (this.books.find(request.clientOrderId) !== undefined) return { refusal: 'DUPLICATE_ORDER' };
    const lock = lockOf(book.instrument, this.rates, request, book.lastPrice);
    if (lock.amount.gt(this.balanceSheet.free(lock.asset))) return { refusal: 'INSUFFICIENT_BALANCE' };
    this.balanceSheet.lock(lock.asset, lock.amount);
    const order = newOrder(request, this.nextOrderId, text(lock.amount), time);
    this.nextOrderId += 1;
    this.books.add(book, openOrder(order));
    this.unrested ||= !order.rested;
    return { order: { ...order } };
  }

  cancel(symbol: string, clientOrderId: string, time: number): Placed {
    const book = this.books.get(symbol);
    const entry = book?.orders.find((open) => open.order.clientOrderId === clientOrderId);
    if (book === undefined || entry === undefined) return { refusal: 'UNKNOWN_ORDER' };
    this.books.remove(book, entry.order);
    finish(book.instrument, entry.order, 'CANCELED', time, this.balanceSheet);
    return { order: entry.order };
  }

  cancelReplace(
    cancelClientOrderId: string,
    request: VenueOrderRequest,
    time: number,
  ): { readonly cancel: Placed; readonly place: Placed | null } {
    const cancel = this.cancel(request.symbol, cancelClientOrderId, time);
    return { cancel, place: 'refusal' in cancel ? null : this.place(request, time) };
  }

  open(bars: readonly MatchingBar[]): VenueEvent[] {
    this.mark(bars);
    if (this.books.openCount === 0) return NOTHING;
    const events = this.couldMatchOpen(bars)
      ? matchOpen(this.books, this.rates, this.balanceSheet, bars)
      : NOTHING;
    this.rest();
    return events;
  }

  path(bars: readonly MatchingBar[], intervalMs: number): VenueEvent[] {
    this.mark(bars);
    if (!this.couldMatchPath(bars)) return NOTHING;
    return matchPath(this.books, this.rates, this.balanceSheet, bars, intervalMs);
  }

  close(bars: readonly MatchingBar[]): void {
    for (let at = 0; at < bars.length; at += 1) {
      const bar = bars[at] as MatchingBar;
      const book = this.books.of(bar.symbol, at);
      if (book !== undefined) book.lastPrice = bar.close;
    }
    this.rest();
  }

  couldMatchOpen(bars: readonly MatchingBar[]): boolean {
    return this.anyOrder(bars, fillsAtTheOpen);
  }

  couldMatchPath(bars: readonly MatchingBar[]): boolean {
    return this.anyOrder(bars, fillsInside);
  }

  transfer(asset: string, amount: string): { free: string } | { refusal: VenueRefusal } {
    const moved = decimal(amount);
    if (this.balanceSheet.free(asset).add(moved).isNegative()) return { refusal: 'INSUFFICIENT_BALANCE' };
    this.balanceSheet.receive(asset, moved);
    return { free: text(this.balanceSheet.free(asset)) };
  }

  expireAll(time: number): VenueEvent[] {
    this.closed = true;
    const events: VenueEvent[] = [];
    for (const book of this.books.all()) {
      for (const { order } of book.orders) {
        this.books.remove(book, order);
        finish(book.instrument, order, 'EXPIRED', time, this.balanceSheet);
        events.push({ kind: 'ended', order });
      }
    }
    return events;
  }

  lastPrice(symbol: string): number | null {
    const price = this.books.get(symbol)?.lastPrice;
    return price === undefined || Number.isNaN(price) ? null : price;
  }

  openOrders(symbol?: string): readonly Readonly<VenueOrder>[] {
    if (this.books.openCount === 0) return [];
    const books = this.books
      .all()
      .filter((book) => symbol === undefined || book.instrument.symbol === symbol);
    return books.flatMap((book) => book.orders.map(({ order }) => order)).sort(byOrderId);
  }

  openOrder(symbol: string, clientOrderId: string): Readonly<VenueOrder> | null {
    const orders = this.books.get(symbol)?.orders;
    return orders?.find(({ order }) => order.clientOrderId === clientOrderId)?.order ?? null;
  }

  balances(): Readonly<Record<string, { readonly free: string; readonly locked: string }>> {
    return this.balanceSheet.all();
  }

  snapshot(): VenueSnapshot {
    const books = this.books.all();
    const priced = books.filter((book) => !Number.isNaN(book.lastPrice));
    return {
      balances: structuredClone(this.balanceSheet.all()),
      openOrders: this.openOrders().map((order) => ({ ...order })),
      lastPrices: Object.fromEntries(priced.map((book) => [book.instrument.symbol, book.lastPrice])),
      nextOrderId: this.nextOrderId,
      nextTradeIds: Object.fromEntries(books.map((book) => [book.instrument.symbol, book.nextTradeId])),
    };
  }

  private restore(snapshot: VenueSnapshot): void {
    this.nextOrderId = snapshot.nextOrderId;
    for (const [symbol, price] of Object.entries(snapshot.lastPrices)) this.book(symbol).lastPrice = price;
    for (const [symbol, id] of Object.entries(snapshot.nextTradeIds)) this.book(symbol).nextTradeId = id;
    for (const order of [...snapshot.openOrders].sort(byOrderId)) {
      this.books.add(this.book(order.symbol), openOrder({ ...order }));
      this.unrested ||= !order.rested;
    }
  }

  private book(symbol: string) {
    const book = this.books.get(symbol);
    if (book === undefined)
      throw new VenueSetupError(`the snapshot knows ${symbol}, but it is not among the instruments`);
    return book;
  }

  /** The open is the last price until the close, so that a stop placed after an open fill is judged by it. */
  private mark(bars: readonly MatchingBar[]): void {
    for (let at = 0; at < bars.length; at += 1) {
      const bar = bars[at] as MatchingBar;
      const book = this.books.of(bar.symbol, at);
      if (book !== undefined) book.lastPrice = bar.open;
    }
  }

  private anyOrder(
    bars: readonly MatchingBar[],
    fills: (entry: OpenOrder, bar: MatchingBar) => boolean,
  ): boolean {
    if (this.books.openCount === 0) return false;
    for (let at = 0; at < bars.length; at += 1) {
      const bar = bars[at] as MatchingBar;
      const orders = this.books.of(bar.symbol, at)?.orders;
      if (orders === undefined) continue;
      for (const entry of orders) if (fills(entry, bar)) return true;
    }
    return false;
  }

  private rest(): void {
    if (!this.unrested) return;
    for (const book of this.books.all()) for (const { order } of book.orders) order.rested = true;
    this.unrested = false;
  }
}

function fillsAtTheOpen(entry: OpenOrder, bar: MatchingBar): boolean {
  return fillsAtOpen(entry, bar.open);
}

function fillsInside(entry: OpenOrder, bar: MatchingBar): boolean {
  return stopFillsInside(entry, bar) || limitFillsInside(entry, bar);
}

function newOrder(request: VenueOrderRequest, orderId: number, locked: string, time: number): VenueOrder {
  const { limitPrice, stopPrice } = pricesOf(request);
  return {
    clientOrderId: request.clientOrderId,
    symbol: request.symbol,
    side: request.side,
    type: request.type,
    quantity: text(request.quantity),
    price: limitPrice === null ? null : text(limitPrice),
    stopPrice: stopPrice === null ? null : text(stopPrice),
    orderId,
    status: 'NEW',
    executedQuantity: '0',
    cumulativeQuote: '0',
    locked,
    createdAt: time,
    updatedAt: time,
    // Post-only never takes: it stands in the book from the start.
    rested: request.type === 'LIMIT_MAKER',
  };
}

function byOrderId(left: Readonly<VenueOrder>, right: Readonly<VenueOrder>): number {
  return left.orderId - right.orderId;
}
