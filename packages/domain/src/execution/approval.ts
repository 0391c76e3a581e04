import type { TradingState } from '../events/orchestration.ts';
import type { AuthorisedOrder } from '../events/risk.ts';
import { ZERO } from '../money/index.ts';
import type { DeskOrder } from './desk-state.ts';

/**
 * The text that risk signs and the executor verifies: every field of the order in a fixed order, one a line, so that
 * no two orders share a text.
 */
export function canonicalOrder(order: AuthorisedOrder): string {
  return JSON.stringify([
    'order.v1',
    order.run,
    order.proposalId,
    order.clientOrderId,
    order.cycleId,
    order.symbol,
    order.side,
    order.type,
    order.quantity,
    order.limitPrice,
    order.stopDistance,
    order.purpose,
    order.sequence,
    order.flattenId,
    order.stateEpoch,
    order.expiresAt,
  ]);
}

/** Why the executor refuses to send what risk approved. */
export type SubmitRefusal =
  | 'STATE_UNREADABLE'
  | 'STATE_EPOCH'
  | 'STATE_HALTED'
  | 'STATE_REDUCING'
  | 'APPROVAL_EXPIRED';

/**
 * Last look before a submit. `trading` is the state as just read (null: missing or unreadable), `epochMin` the highest
 * epoch that the executor has stored, `market` the market time. Stops and emergency sells of filled entries need none
 * of it. An approval of an older epoch passes only when the state names its cycle: the mark of that cycle was decided
 * after its orders were approved.
 */
export function refuseSubmit(
  order: Pick<DeskOrder, 'purpose' | 'side' | 'cycleId' | 'stateEpoch' | 'expiresAt' | 'flattenId'>,
  trading: TradingState | null,
  epochMin: number,
  market: number,
): SubmitRefusal | null {
  if (order.purpose === 'stop' || order.purpose === 'emergency') return null;
  if (trading === null) return 'STATE_UNREADABLE';
  if (trading.epoch < epochMin) return 'STATE_EPOCH';
  if (order.expiresAt !== null && market > order.expiresAt) return 'APPROVAL_EXPIRED';
  if (order.stateEpoch > trading.epoch) return 'STATE_EPOCH';
  if (order.stateEpoch < trading.epoch)
    return trading.cycleId !== null && trading.cycleId === order.cycleId ? null : 'STATE_EPOCH';
  if (trading.mode === 'HALTED') return 'STATE_HALTED';
  if (trading.reason === 'FLATTENING' && (order.flattenId === null || order.flattenId !== trading.flattenId))
    return 'STATE_HALTED';
  return trading.mode === 'REDUCING' && order.side === 'buy' ? 'STATE_REDUCING' : null;
}

/** The desk's order of an approval. */
export function deskOrderOf(
  order: AuthorisedOrder,
  detail: { referencePrice: string; reason: string },
): DeskOrder {
  return {
    proposalId: order.proposalId,
    clientOrderId: order.clientOrderId,
    cycleId: order.cycleId,
    symbol: order.symbol,
    side: order.side,
    type: order.type,
    purpose: order.purpose,
    sequence: order.sequence,
    quantity: order.quantity,
    limitPrice: order.limitPrice,
    triggerPrice: null,
    stopDistance: order.stopDistance,
    referencePrice: detail.referencePrice,
    flattenId: order.flattenId,
    stateEpoch: order.stateEpoch,
    expiresAt: order.expiresAt,
    reason: detail.reason,
    state: 'AUTHORISED',
    filled: ZERO,
    venueOrderId: null,
  };
}
