import { decimal } from '@fleet/domain/money';
import type { ExecutorState } from '../book/state.ts';
import type { Turn } from '../book/turn.ts';
import type { TradeFact } from '../venue/port.ts';

/** A message says how much its order has filled altogether: more than we booked means that one before it was lost. */
export function missedFills(turn: Turn, fact: TradeFact, executed: string): void {
  const order = turn.state.desk.orders.get(fact.clientOrderId ?? '');
  if (order !== undefined && decimal(executed).gt(order.filled))
    turn.effects.push({ kind: 'sync', symbol: fact.symbol, afterMs: 0 });
}

/** REST has shown every trade up to this id, so ids at or below it need not be remembered one by one. */
export function confirmTrades(state: ExecutorState, symbol: string, confirmed: number): void {
  const book = state.trades.get(symbol);
  if (book === undefined || confirmed <= book.confirmed) return;
  book.confirmed = confirmed;
  for (const id of book.booked) if (id <= confirmed) book.booked.delete(id);
}
