import type { OrderDenied } from '@fleet/domain/events';
import { nextOrderState } from '@fleet/domain/orders';
import type { ExecutorState } from '../book/state.ts';
import type { Turn } from '../book/turn.ts';

/**
 * Whether a denial ends a manual proposal of this service. Those of the portfolio are its own matter, and a conflict
 * denies another proposal under the same id: the one that was proposed first lives on.
 */
export function deniesManual({ proposed }: ExecutorState, { proposalId, code }: OrderDenied): boolean {
  return code !== 'PROPOSAL_CONFLICT' && proposed.has(proposalId);
}

/** The manual order ends as DENIED, with risk's code and words. It never was an order of the account: nothing is said. */
export function takeDenied({ state }: Turn, { proposalId, code, message }: OrderDenied): void {
  const proposal = state.proposed.get(proposalId);
  if (proposal === undefined) return;
  const { order, trace } = proposal;
  order.state = nextOrderState(order.state, 'deny');
  state.proposed.delete(proposalId);
  state.desk.orders.set(order.clientOrderId, order);
  state.traces.set(order.clientOrderId, trace);
  state.appended.push({
    table: 'denials',
    row: { run: state.scope.run, client_order_id: order.clientOrderId, code, message },
  });
}
