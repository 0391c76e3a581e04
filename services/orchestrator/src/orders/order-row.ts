import type { TrackedOrder } from './order-track.ts';

export interface OrderRow {
  readonly proposal_id: string;
  readonly client_order_id: string;
  readonly venue_order_id: string | null;
  readonly cycle_id: string | null;
  readonly symbol: string;
  readonly side: TrackedOrder['side'];
  readonly type: string;
  readonly purpose: string;
  readonly quantity: string;
  readonly limit_price: string | null;
  readonly trigger_price: string | null;
  readonly state: TrackedOrder['state'];
  readonly acknowledged: boolean;
  readonly filled: string;
  readonly reason: string;
  readonly accepted_at: string | null;
  readonly changed_at: string;
  readonly sequence: string;
}

export function rowOfOrder(run: string, order: TrackedOrder): Readonly<Record<string, unknown>> {
  return {
    run,
    proposal_id: order.proposalId,
    client_order_id: order.clientOrderId,
    venue_order_id: order.venueOrderId,
    cycle_id: order.cycleId,
    symbol: order.symbol,
    side: order.side,
    type: order.type,
    purpose: order.purpose,
    quantity: order.quantity,
    limit_price: order.limitPrice,
    trigger_price: order.triggerPrice,
    state: order.state,
    acknowledged: order.acknowledged,
    filled: order.filled,
    reason: order.reason,
    accepted_at: order.acceptedAt,
    changed_at: order.changedAt,
    sequence: order.sequence,
  };
}

export function orderOfRow(row: OrderRow): TrackedOrder {
  return {
    proposalId: row.proposal_id,
    clientOrderId: row.client_order_id,
    venueOrderId: row.venue_order_id,
    cycleId: row.cycle_id,
    symbol: row.symbol,
    side: row.side,
    type: row.type,
    purpose: row.purpose,
    quantity: row.quantity,
    limitPrice: row.limit_price,
    triggerPrice: row.trigger_price,
    state: row.state,
    acknowledged: row.acknowledged,
    filled: row.filled,
    reason: row.reason,
    acceptedAt: row.accepted_at === null ? null : Number(row.accepted_at),
    changedAt: Number(row.changed_at),
    sequence: Number(row.sequence),
  };
}
