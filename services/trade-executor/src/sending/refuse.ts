import type { SubmitRefusal } from '@fleet/domain/execution';
import { marketTime } from '../book/state.ts';
import type { Turn } from '../book/turn.ts';
import { endOrder } from '../reports/book-order.ts';
import { settle, waitingIntent } from './pump.ts';

export interface RefusedToSend {
  readonly intent: number;
  readonly code: SubmitRefusal | 'REQUEST_NOT_SENDABLE';
  readonly reason: string;
}

/** The last look before the request found that it must not go out. */
export function takeRefusal(turn: Turn, { intent: id, code, reason }: RefusedToSend): void {
  const intent = waitingIntent(turn.state, id);
  const order = intent === null ? undefined : turn.state.desk.orders.get(intent.clientOrderId);
  if (intent === null || order === undefined) return;
  settle(intent, `refused ${code}`);
  turn.effects.push({ kind: 'refused', code });
  // A repetition that is no longer allowed: the order was approved and has run out.
  const how = intent.attempt > 1 ? 'expired' : 'rejected';
  endOrder(turn, order, { how, code, reason, time: marketTime(turn.state, turn.now) });
}
