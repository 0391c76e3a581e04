import type { cancelAuthorised, OrderAuthorised } from '@fleet/domain/events';
import { authorise, type DeskOrder, deskOrderOf, requestCancel } from '@fleet/domain/execution';
import type { DecideContext, Decided, Input } from '@fleet/shared/streams';
import type { z } from 'zod';
import { alarm, speakOfOrder } from '../book/speak.ts';
import { advanceMarket, type ExecutorState, marketTime } from '../book/state.ts';
import type { Turn } from '../book/turn.ts';
import { endOrder } from '../reports/book-order.ts';
import type { RiskKeys } from './risk-keys.ts';
import { signatureFault } from './signature.ts';

type Wait = Extract<Decided, { kind: 'wait' }>;

/** What an approval has to wait for; null when it can be taken. Nothing is changed. */
export function authorisedWaits(
  state: ExecutorState,
  { data }: Input,
  { waitExpired }: DecideContext,
): Wait | null {
  if (waitExpired) return null;
  if (!state.gate.open) return { kind: 'wait', for: 'a clean reconciliation with the venue' };
  const { order } = data as OrderAuthorised;
  // Its cancels come first: the trading state that asks for them and the sells are on two streams.
  if (order.flattenId !== null && order.stateEpoch > state.account.epoch)
    return { kind: 'wait', for: `trading state ${order.stateEpoch}` };
  return null;
}

/** An approved order: to the desk when it is the risk manager's word, else refused and people told. */
export function takeAuthorised(turn: Turn, authorised: OrderAuthorised, risk: RiskKeys): void {
  const { state, input } = turn;
  const { order } = authorised;
  const fault = signatureFault(authorised, state.scope.run, risk);
  if (fault !== null) {
    refuseSignature(turn, authorised, fault);
    return;
  }
  // The same approval under another event id: its order exists.
  if (state.desk.orders.has(order.clientOrderId)) return;
  const { account, scope } = state;
  account.barTime = Math.max(account.barTime, authorised.barTime);
  advanceMarket(state, authorised.barTime + scope.intervalMs);
  const taken = deskOrderOf(order, authorised);
  state.proposed.delete(order.proposalId);
  state.traces.set(order.clientOrderId, { traceparent: input.traceparent, requestId: input.requestId });
  const refusal = untakeable(state, taken);
  if (refusal === null) {
    state.takenAt.set(taken.clientOrderId, turn.now);
    authorise(state.desk, taken);
    return;
  }
  const [code, reason] = refusal;
  turn.effects.push({ kind: 'refused', code });
  state.desk.orders.set(taken.clientOrderId, taken);
  if (!state.desk.indexOf.has(taken.symbol)) speakUnknownSymbol(turn, taken, code, reason);
  else endOrder(turn, taken, { how: 'rejected', code, reason, time: marketTime(state, turn.now) });
}

function untakeable(state: ExecutorState, { symbol }: DeskOrder): readonly [string, string] | null {
  if (!state.desk.indexOf.has(symbol)) return ['SYMBOL_UNKNOWN', `${symbol} is not configured here`];
  if (!state.gate.open) return ['NOT_RECONCILED', 'the account is not reconciled with the venue'];
  return null;
}

function speakUnknownSymbol(turn: Turn, order: DeskOrder, code: string, reason: string): void {
  order.state = 'REJECTED';
  const time = marketTime(turn.state, turn.now);
  speakOfOrder(turn, 'order.rejected', order, {
    time,
    fields: { filledQuantity: '0', reason, code },
    words: code,
  });
}

/** Never sent, and never entered where an order of that id lives: a forgery must not speak for it. */
function refuseSignature(turn: Turn, authorised: OrderAuthorised, fault: string): void {
  const { order } = authorised;
  const { desk } = turn.state;
  const reason = `the approval is not the risk manager’s: ${fault}`.slice(0, 300);
  const time = Math.max(0, marketTime(turn.state, turn.now));
  const code = 'SIGNATURE_INVALID';
  turn.effects.push({ kind: 'refused', code });
  if (!desk.orders.has(order.clientOrderId)) {
    const refused: DeskOrder = { ...deskOrderOf(order, authorised), state: 'REJECTED' };
    speakOfOrder(turn, 'order.rejected', refused, {
      time,
      fields: { filledQuantity: '0', reason, code },
      words: reason,
    });
  }
  alarm(turn, {
    code,
    severity: 'critical',
    about: order.clientOrderId,
    title: `An approval for ${order.symbol} carries no valid signature`,
    text: `${order.side} ${order.quantity}, proposal ${order.proposalId}: ${fault}. Nothing was sent. Find out who wrote it.`,
    figures: { symbol: order.symbol, proposalId: order.proposalId, keyId: authorised.keyId },
  });
}

/** Risk lets an open entry be canceled. Of one that has ended there is nothing left to do. */
export function takeCancelAuthorised(
  turn: Turn,
  { clientOrderId, reason }: z.output<typeof cancelAuthorised.schema>,
): void {
  const { state } = turn;
  const order = state.desk.orders.get(clientOrderId);
  if (order === undefined || requestCancel(state.desk, clientOrderId)) return;
  endOrder(turn, order, {
    how: 'canceled',
    code: 'CANCELED_BEFORE_SENT',
    reason,
    time: marketTime(state, turn.now),
  });
}
