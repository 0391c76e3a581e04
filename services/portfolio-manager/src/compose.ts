import { catalog } from '@fleet/domain/events';
import type { Resources, RunningService } from '@fleet/shared/lifecycle';
import { openService } from '@fleet/shared/service';
import { readConfig, readTrading } from './config.ts';
import { api } from './http/routes.ts';
import { identity } from './identity.ts';
import { portfolioMetrics } from './metrics.ts';
import { ledgerReader } from './planning/ledger-reader.ts';
import { createPlanning, HANDLES, SUBSCRIPTIONS } from './planning/processor.ts';
import type { PlanningState } from './planning/state.ts';

export async function compose(resources: Resources, signal: AbortSignal): Promise<RunningService> {
  const config = readConfig();
  // Read once before anything opens: a faulty file stops the start at once, whatever the run.
  readTrading(config, false);
  const base = await openService(identity, config, resources, { signal });
  const live = base.run.mode === 'live';
  const trading = readTrading(config, !live);
  const market = live
    ? (_state: PlanningState, wallNow: number) => wallNow
    : (state: PlanningState) => state.plannedSet + trading.intervalMs;
  const runner = await base.startRunner<PlanningState>({
    catalog,
    subscriptions: SUBSCRIPTIONS,
    handles: HANDLES,
    processor: createPlanning(trading, market),
  });
  const state = (): PlanningState | undefined => runner.state();
  portfolioMetrics(base.metrics, state);
  await base.serve({
    endpoints: api.endpoints,
    deps: {
      state,
      submit: (input) => runner.submit(input),
      ledger: ledgerReader(base.pool, base.run.run),
      wall: base.clock.wall,
    },
    status: () => statusOf(state()),
  });
  return { logger: base.logger };
}

/** What the replay driver and operators ask: how far this service has booked its inputs. */
function statusOf(state: PlanningState | undefined): object {
  if (state === undefined) return {};
  const { portfolio, plannedSet } = state;
  return {
    execSequence: portfolio.ledgerVersion,
    stateEpoch: portfolio.trading?.epoch ?? 0,
    day: portfolio.day,
    plannedSet,
    working: portfolio.working.size,
  };
}
