import { type DeskOrder, REPLACE_NOT_SENT, repeatCommand } from '@fleet/domain/execution';
import { isTerminal } from '@fleet/domain/orders';
import { type Intent, marketTime } from '../book/state.ts';
import type { Turn } from '../book/turn.ts';
import { endOrder } from '../reports/book-order.ts';
import { speakResolved } from '../reports/resolved.ts';
import { intend } from './pump.ts';

/**
 * Sends a command once more, under the same client order id and a timestamp of its own: the venue has proven not to
 * hold it. Whether approval and trading state still allow it is asked right before the request, as the first time.
 */
export function sendAgain(turn: Turn, intent: Intent): void {
  const { state } = turn;
  const order = state.desk.orders.get(intent.clientOrderId);
  const desk = state.desk.symbols[state.desk.indexOf.get(intent.symbol) ?? -1];
  if (order === undefined || desk === undefined) return;
  const time = marketTime(state, turn.now);
  const unknown = order.state === 'UNKNOWN';
  if (intent.kind !== 'cancel' && desk.cancels.includes(order)) {
    endOrder(turn, order, {
      how: 'canceled',
      code: 'CANCEL_ALL',
      reason: 'canceled before it was sent again',
      time,
    });
  } else if (replacesSold(turn, intent)) {
    const reason = 'what it should replace has filled';
    endOrder(turn, order, { how: 'rejected', code: REPLACE_NOT_SENT, reason, time });
  } else {
    const command = repeatCommand(state.desk, desk.index);
    if (command !== null && command.order === order) intend(turn, command, intent.attempt + 1);
  }
  if (unknown && (order.state as DeskOrder['state']) !== 'UNKNOWN')
    speakResolved(turn, order, 'absent', time);
}

/** The stop that was to be replaced has sold the position: nothing is left to sell or to protect. */
function replacesSold({ state }: Turn, intent: Intent): boolean {
  if (intent.cancelClientOrderId === null) return false;
  const replaced = state.desk.orders.get(intent.cancelClientOrderId);
  return replaced !== undefined && isTerminal(replaced.state) && replaced.state === 'FILLED';
}
