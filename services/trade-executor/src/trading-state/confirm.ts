import { speak } from '../book/speak.ts';
import { type ExecutorState, marketTime } from '../book/state.ts';
import type { Turn } from '../book/turn.ts';

/**
 * Confirms each stored trading state of which nothing older is on its way. What is on its way is bounded: after
 * timestamp + recvWindow the venue itself refuses it, answered or not.
 */
export function confirmStates(turn: Turn): void {
  const { account } = turn.state;
  let latest = 0;
  while (account.unconfirmed.length > 0) {
    const [oldest, ...later] = account.unconfirmed;
    if (oldest === undefined) return;
    const until = olderOnItsWay(turn.state, oldest.epoch, turn.now);
    if (until > turn.now) {
      latest = Math.max(latest, until);
      break;
    }
    account.unconfirmed = later;
    const time = Math.max(0, marketTime(turn.state, turn.now));
    const { epoch, mode, reason } = oldest;
    speak(turn, 'trading-state.applied', { epoch, mode, time, figures: { reason } });
  }
  if (latest > 0) turn.effects.push({ kind: 'confirm', afterMs: latest - turn.now + 1 });
}

/** Wall time until which a submit of an older epoch may still reach the book; 0 when there is none. */
function olderOnItsWay(state: ExecutorState, epoch: number, now: number): number {
  let until = 0;
  for (const intent of state.intents.values()) {
    if (intent.state !== 'open' || intent.kind === 'cancel') continue;
    const order = state.desk.orders.get(intent.clientOrderId);
    if (order === undefined || order.purpose === 'stop' || order.purpose === 'emergency') continue;
    if (order.stateEpoch >= epoch) continue;
    // Not sent yet, or sent and not answered: the last moment is the same.
    until = Math.max(until, Math.min(intent.timestamp + intent.recvWindow, now + intent.recvWindow));
  }
  return until;
}
