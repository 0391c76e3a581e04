import type { Turn } from '../book/turn.ts';
import { bookOrder, type NamedOrder } from './book-order.ts';
import { bookTrade, type NamedTrade } from './book-trade.ts';

/** What queries say of one order: its trades, and the order after them. */
export interface Truth {
  readonly order: NamedOrder | null;
  readonly trades: readonly NamedTrade[];
}

/** Trades first: an order that has ended takes its place in the desk only with all its fills. */
export function bookTruth(turn: Turn, { order, trades }: Truth): void {
  for (const trade of trades) bookTrade(turn, trade);
  if (order !== null) bookOrder(turn, order);
}
