import { decimal } from '../money/index.ts';
import type { BalanceSheet } from './balance-sheet.ts';
import { noWorseThan, takerPrice } from './fill-price.ts';
import type { Rates } from './rules.ts';
import { type Fill, settle } from './settlement.ts';
import {
  type Books,
  fillsAtOpen,
  limitFillsInside,
  type OpenOrder,
  type SymbolBook,
  stopFillsInside,
} from './symbol-book.ts';
import type { MatchingBar, VenueEvent } from './venue.ts';

/** A pass over the book: which orders fill against a bar, and how. */
interface Pass {
  readonly fills: (entry: OpenOrder, bar: MatchingBar) => boolean;
  readonly fill: (book: SymbolBook, entry: OpenOrder, bar: MatchingBar) => Fill;
}

/** Step 1. Sells of all symbols before buys; symbols as the bars are ordered, within a symbol by order id. */
export function matchOpen(
  books: Books,
  rates: Rates,
  balances: BalanceSheet,
  bars: readonly MatchingBar[],
): VenueEvent[] {
  const events: VenueEvent[] = [];
  run(books, rates, balances, bars, events, {
    fills: (entry, bar) => fillsAtOpen(entry, bar.open),
    fill: (book, entry, bar) => openFill(rates, book, entry, bar),
  });
  return events;
}

/**
 * Step 2: stops, then limits, each with sells before buys. A stop fills at its trigger with slippage; a limit at its
 * own price as maker. Time is the middle of the bar.
 */
export function matchPath(
  books: Books,
  rates: Rates,
  balances: BalanceSheet,
  bars: readonly MatchingBar[],
  intervalMs: number,
): VenueEvent[] {
  const events: VenueEvent[] = [];
  const middle = intervalMs / 2;
  run(books, rates, balances, bars, events, {
    fills: stopFillsInside,
    fill: (book, { order }, bar) => ({
      price: takerPrice(book.instrument, rates, order.side, order.stopPrice ?? bar.open),
      maker: false,
      time: bar.openTime + middle,
    }),
  });
  run(books, rates, balances, bars, events, {
    fills: limitFillsInside,
    fill: (_book, { order }, bar) => ({
      price: decimal(order.price ?? bar.open),
      maker: true,
      time: bar.openTime + middle,
    }),
  });
  return events;
}

function run(
  books: Books,
  rates: Rates,
  balances: BalanceSheet,
  bars: readonly MatchingBar[],
  events: VenueEvent[],
  pass: Pass,
): void {
  for (const sells of [true, false]) {
    for (const bar of bars) {
      const book = books.get(bar.symbol);
      if (book === undefined) continue;
      for (const entry of book.orders) {
        if (entry.sell !== sells || !pass.fills(entry, bar)) continue;
        books.remove(book, entry.order);
        settle(book, entry.order, pass.fill(book, entry, bar), rates, balances, events);
      }
    }
  }
}

/** A resting limit that the open gapped through still fills at its own price; everything else takes the open. */
function openFill(rates: Rates, book: SymbolBook, { order }: OpenOrder, bar: MatchingBar): Fill {
  const time = bar.openTime;
  if (order.price !== null && order.rested) return { price: decimal(order.price), maker: true, time };
  const taken = takerPrice(book.instrument, rates, order.side, bar.open);
  return {
    price: order.price === null ? taken : noWorseThan(order.price, order.side, taken),
    maker: false,
    time,
  };
}
