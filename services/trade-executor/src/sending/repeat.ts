import {
  cancelRefused,
  type DeskOrder,
  REPLACE_NOT_SENT,
  repeatCommand,
  requestCancel,
} from '@fleet/domain/execution';
import { isTerminal } from '@fleet/domain/orders';
import { type Intent, marketTime } from '../book/state.ts';
import type { Turn } from '../book/turn.ts';
import { type End, endOrder } from '../reports/book-order.ts';
import { speakResolved } from '../reports/resolved.ts';
import { intend } from './pump.ts';

/**
 * Sends a command once more, under the same client order id and a timestamp of its own: the venue has proven not to
 * hold it. Whether approval and trading state still allow it is asked right before the request, as the first time.
 */
export function sendAgain(turn: Turn, intent: Intent): void {
  const { desk } = turn.state;
  const order = desk.orders.get(intent.clientOrderId);
  const index = desk.indexOf.get(intent.symbol);
  if (order === undefined || index === undefined) return;
  if (intent.kind === 'cancel') {
    cancelAgain(turn, order);
    return;
  }
  const time = marketTime(turn.state, turn.now);
  const unknown = order.state === 'UNKNOWN';
  const end = endsInstead(turn, intent, order);
  const command = end === null ? repeatCommand(desk, index) : null;
  // Known again before anything else is said of it.
  if (unknown) speakResolved(turn, order, 'absent', time);
  if (end !== null) endOrder(turn, order, { ...end, time });
  else if (command?.order === order) intend(turn, command, intent.attempt + 1);
}

/** The order stands and should not: the desk is asked once more to cancel it. */
function cancelAgain({ state }: Turn, { clientOrderId, state: orderState }: DeskOrder): void {
  if (isTerminal(orderState)) return;
  cancelRefused(state.desk, clientOrderId);
  requestCancel(state.desk, clientOrderId);
}

/** Why the order is not wanted any more, although the venue never had it. */
function endsInstead(turn: Turn, intent: Intent, order: DeskOrder): Omit<End, 'time'> | null {
  const { desk } = turn.state;
  const cancels = desk.symbols[desk.indexOf.get(intent.symbol) ?? -1]?.cancels;
  if (cancels?.includes(order))
    return { how: 'canceled', code: 'CANCEL_ALL', reason: 'canceled before it was sent again' };
  if (replacesSold(turn, intent))
    return { how: 'rejected', code: REPLACE_NOT_SENT, reason: 'what it should replace has filled' };
  return null;
}

/** The stop that was to be replaced has sold the position: nothing is left to sell or to protect. */
function replacesSold({ state }: Turn, intent: Intent): boolean {
  if (intent.cancelClientOrderId === null) return false;
  const replaced = state.desk.orders.get(intent.cancelClientOrderId);
  return replaced !== undefined && isTerminal(replaced.state) && replaced.state === 'FILLED';
}
