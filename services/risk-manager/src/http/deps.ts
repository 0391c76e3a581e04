import type { RiskLimits } from '@fleet/domain/risk';
import { FleetError } from '@fleet/shared/errors';
import type { DecisionReader } from '../order-check/decision-reader.ts';
import type { OrderCheckState } from '../order-check/state.ts';

/** What the routes use. */
export interface RiskDeps {
  /** Undefined in a replica that stands by. */
  readonly state: () => OrderCheckState | undefined;
  readonly market: (state: OrderCheckState) => number;
  readonly limits: RiskLimits & { readonly lossCapPct: number };
  readonly decisions: DecisionReader;
}

/** The leader's state; a standby has none and says where to ask. */
export function leadersState(deps: Pick<RiskDeps, 'state'>): OrderCheckState {
  const state = deps.state();
  if (state !== undefined) return state;
  throw new FleetError('this replica does not hold the lease, or has not loaded its state yet', {
    code: 'NOT_LEADER',
    retry: 'retry',
    status: 503,
    action: 'Ask again in a moment, or ask the replica whose /status says role leader.',
  });
}
