import { FleetError } from '@fleet/shared/errors';
import type { LocalInput } from '@fleet/shared/streams';
import type { LedgerReader } from '../planning/ledger-reader.ts';
import type { PlanningState } from '../planning/state.ts';

/** What the routes use. */
export interface PortfolioDeps {
  /** Undefined in a replica that stands by. */
  readonly state: () => PlanningState | undefined;
  readonly submit: (input: LocalInput) => Promise<unknown>;
  readonly ledger: LedgerReader;
  /** Epoch milliseconds. */
  readonly wall: () => number;
}

/** The leader's state; a standby has none and says where to ask. */
export function leadersState(deps: Pick<PortfolioDeps, 'state'>): PlanningState {
  const state = deps.state();
  if (state !== undefined) return state;
  throw new FleetError('this replica does not hold the lease, or has not loaded its state yet', {
    code: 'NOT_LEADER',
    retry: 'retry',
    status: 503,
    action: 'Ask again in a moment, or ask the replica whose /status says role leader.',
  });
}
