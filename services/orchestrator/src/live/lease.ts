import type { RunnerControl } from '@fleet/shared/streams';
import type { OrchestratorMetrics } from '../metrics.ts';
import type { LocalInputs } from '../supervision/inputs.ts';
import type { OrchestratorState } from '../supervision/state.ts';
import type { Effect } from '../supervision/turn.ts';
import type { StateKey } from '../trading-state/state-key.ts';
import type { Board } from './board.ts';
import type { EventHub } from './event-hub.ts';
import type { Ticker } from './ticker.ts';

export interface LeaseParts {
  readonly run: string;
  readonly board: Board;
  readonly key: StateKey;
  readonly hub: EventHub;
  /** Null in lock-step, where nothing times out. */
  readonly ticker: Ticker | null;
  readonly metrics: OrchestratorMetrics;
  readonly wall: () => number;
}

/** What this replica does beside deciding, while it holds the lease. */
export function leaseHooks({ run, board, key, hub, ticker, metrics, wall }: LeaseParts) {
  return {
    onLease: async (state: OrchestratorState, control: RunnerControl): Promise<void> => {
      board.reset(state);
      if (!state.began) {
        const data: LocalInputs['run.began'] = { at: wall() };
        const ts = new Date(data.at).toISOString();
        await control.submit({ id: `run.began:${run}`, type: 'run.began', key: run, ts, data });
      }
      key.start();
      ticker?.start();
    },
    afterCommit: (effects: readonly unknown[], state: OrchestratorState): void => {
      const known = effects as readonly Effect[];
      const reports = board.update(state, known);
      for (const effect of known) {
        if (effect.kind === 'state') key.write();
        if (effect.kind === 'state') hub.publish('state', effect.trading);
        if (effect.kind === 'fill') hub.publish('fill', effect.fill);
      }
      for (const report of reports) hub.publish('cycle', report);
      metrics.committed(known);
    },
    onLost: (): void => {
      key.stop();
      ticker?.stop();
      board.lost();
    },
  };
}
