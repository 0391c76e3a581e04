import type { OrderProposed } from '@fleet/domain/events';
import type { DeskOrder } from '@fleet/domain/execution';
import { ZERO } from '@fleet/domain/money';
import { clientOrderId, proposalId } from '@fleet/domain/orders';
import { orderRow } from '../book/rows.ts';
import type { Turn } from '../book/turn.ts';

/** What a person wants, with what the venue and the calendar say at that moment. */
export interface ManualRequest {
  /** Names the request: its repetition is the same order. */
  readonly id: string;
  readonly symbol: string;
  readonly side: 'buy' | 'sell';
  readonly type: 'market' | 'limit';
  readonly quantity: string;
  readonly limitPrice: string | null;
  readonly stopDistance: string | null;
  readonly reason: string;
  readonly referencePrice: string;
  readonly barTime: number;
  readonly day: string;
  /** Market time in a replay; live the wall clock is taken. */
  readonly decidedAt: number;
  readonly validForMs: number;
}

export interface ManualProposed {
  readonly proposalId: string;
  readonly clientOrderId: string;
}

/** A manual order goes the way of every other: it is proposed to risk, and comes back authorised or not at all. */
export function proposeManual(turn: Turn, request: ManualRequest): ManualProposed {
  const { account, scope } = turn.state;
  const { symbol, side, type, quantity, limitPrice, stopDistance, reason, referencePrice } = request;
  const cycleId = `manual:${request.id}`;
  const identity = { run: scope.run, cycle: cycleId, symbol, purpose: 'manual', sequence: 0 } as const;
  const proposal = proposalId(identity);
  const order = { symbol, side, type, quantity, limitPrice, stopDistance, referencePrice, reason, cycleId };
  const data: OrderProposed = {
    ...order,
    ...{ proposalId: proposal, purpose: 'manual', sequence: 0, confidence: 1, flattenId: null },
    barTime: request.barTime,
    day: request.day,
    ledgerVersion: account.sequence,
    stateEpoch: account.epoch,
    decidedAt: scope.mode === 'live' ? turn.now : Math.max(request.decidedAt, account.market),
    validForMs: request.validForMs,
  };
  turn.events.push({ type: 'order.proposed', key: symbol, ts: new Date(data.decidedAt).toISOString(), data });
  const stored: DeskOrder = {
    ...order,
    proposalId: proposal,
    clientOrderId: clientOrderId(proposal),
    purpose: 'manual',
    sequence: 0,
    triggerPrice: null,
    flattenId: null,
    stateEpoch: account.epoch,
    expiresAt: null,
    venueOrderId: null,
    state: 'PROPOSED',
    filled: ZERO,
  };
  const trace = { traceparent: turn.input.traceparent, requestId: turn.input.requestId };
  turn.state.appended.push({ table: 'orders', row: orderRow(scope.run, stored, trace) });
  if (!turn.state.desk.orders.has(stored.clientOrderId))
    turn.state.proposed.set(proposal, { order: stored, trace });
  return { proposalId: proposal, clientOrderId: stored.clientOrderId };
}
