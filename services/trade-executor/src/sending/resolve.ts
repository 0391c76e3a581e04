import type { DeskOrder } from '@fleet/domain/execution';
import { type Intent, marketTime } from '../book/state.ts';
import type { Turn } from '../book/turn.ts';
import { endOrder } from '../reports/book-order.ts';
import { bookTruth, type Truth } from '../reports/truth.ts';
import { settle, waitingIntent } from './pump.ts';
import { sendAgain } from './repeat.ts';

export interface Resolved {
  readonly intent: number;
  /** The venue's word on the order that a replace or a cancel was to end; null for a plain order. */
  readonly target: Truth | null;
  /** Its word on the order itself; null when all queries prove that it has none. */
  readonly order: Truth | null;
}

/** What queries found out about a request whose answer nobody has. */
export function takeResolution(turn: Turn, { intent: id, target, order }: Resolved): void {
  const intent = waitingIntent(turn.state, id);
  if (intent === null || intent.state === 'absent') return;
  if (target !== null) bookTruth(turn, target);
  if (order !== null) bookTruth(turn, order);
  const done = intent.kind === 'cancel' ? target?.order?.fact.status !== 'open' : order !== null;
  if (done) settle(intent, 'found');
  else if (turn.state.gate.open) repeatNow(turn, intent);
  // In a recovery, repetitions come last.
  else intent.state = 'absent';
}

/**
 * Repetitions that waited for the end of the recovery. Where the books differ from the venue, only what protects a
 * position goes out again, and what takes an order back; the rest has run out.
 */
export function repeatAbsent(turn: Turn, clean: boolean): void {
  const { intents, desk } = turn.state;
  for (const intent of [...intents.values()]) {
    if (intent.state !== 'absent') continue;
    const order = desk.orders.get(intent.clientOrderId);
    const always = intent.kind === 'cancel' || order?.purpose === 'stop' || order?.purpose === 'emergency';
    if (clean || always || order === undefined) repeatNow(turn, intent);
    else giveUp(turn, intent, order);
  }
}

function giveUp(turn: Turn, intent: Intent, order: DeskOrder): void {
  settle(intent, 'absent');
  const time = marketTime(turn.state, turn.now);
  const reason = 'the account is not reconciled with the venue';
  endOrder(turn, order, { how: 'expired', code: 'NOT_RECONCILED', reason, time });
}

function repeatNow(turn: Turn, intent: Intent): void {
  settle(intent, 'absent');
  sendAgain(turn, intent);
}
