import type { OrderApproved, OrderDenied, OrderFilled } from '@fleet/domain/events';
import { clientOrderId } from '@fleet/domain/orders';
import {
  newTrack,
  type OrderHead,
  type OrderNews,
  type TrackedOrder,
  takeOrderEvent,
  type Violation,
} from '../orders/order-track.ts';
import { advance } from './cycle-progress.ts';
import type { Turn } from './turn.ts';

export function takeApproved(turn: Turn, data: OrderApproved): void {
  turn.state.orders.decide(data.proposalId, 'approved');
  turn.state.orders.approved(data.proposalId, turn.context.wallNow);
  const { shrunkBy: code, quantity, requestedQuantity } = data;
  const message =
    code === null ? 'approved' : `approved, smaller by ${code}: ${quantity} of ${requestedQuantity}`;
  noteDecision(turn, data, { outcome: 'approved', code, message, quantity });
}

export function takeDenied(turn: Turn, data: OrderDenied): void {
  turn.state.orders.decide(data.proposalId, 'denied');
  const { code, message } = data;
  noteDecision(turn, data, { outcome: 'denied', code, message, quantity: null });
  const cycle = turn.state.cycles.acknowledge(data.proposalId);
  if (cycle !== null) advance(turn, cycle);
}

interface Answer {
  readonly outcome: 'approved' | 'denied';
  readonly code: string | null;
  readonly message: string;
  readonly quantity: string | null;
}

function noteDecision(turn: Turn, data: OrderApproved | OrderDenied, answer: Answer): void {
  const { proposalId, cycleId, symbol, figures, proposal = null } = data;
  turn.state.changes.decisions.push({
    run: turn.state.scope.run,
    proposal_id: proposalId,
    client_order_id: clientOrderId(proposalId),
    cycle_id: cycleId,
    symbol,
    ...answer,
    figures,
    proposal,
    decided_at: Date.parse(turn.input.ts),
  });
}

/** Every order event of exec.status. Orders of others (no proposal) are the executor's to record. */
export function takeOrder(turn: Turn, data: OrderHead & OrderNews): void {
  const { state, input } = turn;
  const { proposalId } = data;
  if (proposalId === null) return;
  const known = state.orders.get(proposalId);
  const order = known ?? state.orders.add(newTrack({ ...data, proposalId }));
  const violation = takeOrderEvent(order, input.type, data, data);
  state.changes.orders.add(order);
  if (violation !== null) tellViolation(turn, order, words(violation));
  const wasDenied = known === undefined && state.orders.decision(proposalId) === 'denied';
  if (wasDenied && input.type !== 'order.rejected')
    tellViolation(turn, order, 'risk denied it, and yet it went out');
  if (input.type === 'order.accepted') noteAccepted(turn, proposalId);
  if (!order.acknowledged) return;
  const cycle = state.cycles.acknowledge(proposalId);
  if (cycle !== null) advance(turn, cycle);
}

function noteAccepted({ state, context, effects }: Turn, proposalId: string): void {
  const afterMs = state.orders.acceptedAfterMs(proposalId, context.wallNow);
  if (afterMs !== null) effects.push({ kind: 'accepted', afterMs });
}

export function takeFill(turn: Turn, data: OrderFilled): void {
  takeOrder(turn, data);
  if (data.proposalId === null) return;
  const { symbol, side, price, fillQuantity, quoteQuantity, fee, feeAsset, maker, time } = data;
  turn.state.changes.fills.push({
    run: turn.state.scope.run,
    symbol,
    trade_id: data.tradeId,
    proposal_id: data.proposalId,
    price,
    quantity: fillQuantity,
    quote_quantity: quoteQuantity,
    fee,
    fee_asset: feeAsset,
    maker,
    filled_at: time,
  });
  const { proposalId, tradeId, purpose } = data;
  const fill = {
    proposalId,
    tradeId,
    symbol,
    side,
    purpose,
    price,
    quantity: fillQuantity,
    fee,
    feeAsset,
    time,
  };
  turn.effects.push({ kind: 'fill', fill, quote: Number(quoteQuantity) });
}

function words({ from, action }: Violation): string {
  return `an order in state ${from} cannot ${action}`;
}

function tellViolation(turn: Turn, order: TrackedOrder, problem: string): void {
  const { proposalId, clientOrderId: id, symbol, sequence, changedAt } = order;
  const event = turn.input.type;
  turn.effects.push({ kind: 'violation' });
  turn.audit({ kind: 'order.lifecycle', detail: { proposalId, symbol, event, sequence, problem } });
  turn.notify(changedAt, `lifecycle|${sequence}|${problem}`, {
    dedupeKey: `ORDER_LIFECYCLE:${proposalId}`,
    severity: 'critical',
    code: 'ORDER_LIFECYCLE',
    title: `Order ${id} of ${symbol}: ${problem}`,
    text: `The event ${event} does not fit what is known of the order. It was taken as the venue says; compare the two.`,
    figures: { proposalId, sequence },
  });
}
