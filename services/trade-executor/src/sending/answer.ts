import {
  cancelRefused,
  type DeskOrder,
  lostSight,
  REPLACE_NOT_SENT,
  requestCancel,
} from '@fleet/domain/execution';
import { isTerminal } from '@fleet/domain/orders';
import { alarm, speakDeskEvent } from '../book/speak.ts';
import { type Intent, marketTime } from '../book/state.ts';
import type { Turn } from '../book/turn.ts';
import { bookOrder, endOrder } from '../reports/book-order.ts';
import { bookTruth, type Truth } from '../reports/truth.ts';
import type { Answer } from '../venue/port.ts';
import { settle, waitingIntent } from './pump.ts';
import { sendAgain } from './repeat.ts';

export interface Answered {
  readonly intent: number;
  readonly answer: Answer;
  /** What the venue says of the order whose cancel was refused, asked for before anything else goes out. */
  readonly truth: Truth | null;
}

/** A symbol whose stop stands and cannot be canceled rests so long before it is tried again. */
const REST_MS = 1_000;

/** The answer to a request, as far as it proves something. */
export function takeAnswer(turn: Turn, { intent: id, answer, truth }: Answered): void {
  const intent = waitingIntent(turn.state, id);
  const order = intent === null ? undefined : turn.state.desk.orders.get(intent.clientOrderId);
  if (intent === null || order === undefined) return;
  if (answer.kind === 'ambiguous') {
    loseSight(turn, intent, order, answer.reason);
    return;
  }
  settle(intent, 'code' in answer ? `${answer.kind} ${answer.code}` : answer.kind);
  switch (answer.kind) {
    case 'done':
      if (answer.canceled !== null) bookOrder(turn, { fact: answer.canceled, stored: null });
      bookOrder(turn, { fact: answer.order, stored: null });
      return;
    case 'untimely':
      sendAgain(turn, intent);
      return;
    case 'rejected':
      refused(turn, intent, order, answer, truth);
      return;
    case 'cancel-failed':
      cancelFailed(turn, order, answer, truth);
      return;
    case 'place-failed':
      bookOrder(turn, { fact: answer.canceled, stored: null });
      if (answer.untimely) sendAgain(turn, intent);
      else reject(turn, order, answer);
  }
}

type Refusal = Extract<Answer, { code: string }>;

function reject(turn: Turn, order: DeskOrder, { code, reason }: Pick<Refusal, 'code' | 'reason'>): void {
  endOrder(turn, order, { how: 'rejected', code, reason, time: marketTime(turn.state, turn.now) });
}

function refused(turn: Turn, intent: Intent, order: DeskOrder, answer: Refusal, truth: Truth | null): void {
  if (intent.kind !== 'cancel') {
    reject(turn, order, answer);
    return;
  }
  if (truth !== null) bookTruth(turn, truth);
  cancelRefused(turn.state.desk, order.clientOrderId);
  if (isTerminal(order.state)) return;
  // It stands and should not: again, after a rest. The desk itself thinks of a stop's cancel.
  if (order.type !== 'stop') requestCancel(turn.state.desk, order.clientOrderId);
  rest(turn, order.symbol);
}

/**
 * The new order was never sent, because the old one could not be canceled: mostly because it has just filled. What the
 * venue says of the old one counts before the desk thinks about the symbol again.
 */
function cancelFailed(turn: Turn, order: DeskOrder, answer: Refusal, truth: Truth | null): void {
  if (truth !== null) bookTruth(turn, truth);
  reject(turn, order, { code: REPLACE_NOT_SENT, reason: answer.reason });
  const standing = truth?.order?.fact.status === 'open' || truth === null;
  if (standing) rest(turn, order.symbol);
}

function rest(turn: Turn, symbol: string): void {
  const index = turn.state.desk.indexOf.get(symbol);
  if (index === undefined) return;
  turn.state.resting.add(index);
  turn.effects.push({ kind: 'resume', index, afterMs: REST_MS });
}

function loseSight(turn: Turn, intent: Intent, order: DeskOrder, reason: string): void {
  turn.effects.push({ kind: 'resolve', intent: intent.id });
  const event = lostSight(turn.state.desk, order.clientOrderId, reason, marketTime(turn.state, turn.now));
  if (event === null) return;
  speakDeskEvent(turn, event);
  alarm(turn, {
    code: 'ORDER_UNKNOWN',
    severity: 'critical',
    about: order.clientOrderId,
    title: `Nobody knows what became of an order of ${order.symbol}`,
    text: `${order.side} ${order.quantity} (${order.purpose}): ${reason}. The symbol takes no new orders until queries settle it.`,
    figures: { symbol: order.symbol, clientOrderId: order.clientOrderId, attempt: intent.attempt },
  });
}
