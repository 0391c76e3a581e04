import { catalog } from '@fleet/domain/events';
import type { Resources, RunningService } from '@fleet/shared/lifecycle';
import { openService } from '@fleet/shared/service';
import { readConfig, readTrading } from './config.ts';
import { api } from './http/routes.ts';
import { identity } from './identity.ts';
import { riskMetrics } from './metrics.ts';
import { decisionReader } from './order-check/decision-reader.ts';
import { createOrderCheck, HANDLES, SUBSCRIPTIONS } from './order-check/processor.ts';
import type { OrderCheckState } from './order-check/state.ts';
import { createSigner } from './signing/signer.ts';

export async function compose(resources: Resources, signal: AbortSignal): Promise<RunningService> {
  const config = readConfig();
  const signer = createSigner(config.RISK_SIGNING_KEY, config.RISK_SIGNING_KEY_ID);
  // Read once before anything opens: a faulty file stops the start at once, whatever the run.
  readTrading(config, false);
  const base = await openService(identity, config, resources, { signal });
  const live = base.run.mode === 'live';
  const trading = readTrading(config, !live);
  const market = live
    ? (_state: OrderCheckState, wallNow: number) => wallNow
    : (state: OrderCheckState) => state.market;
  let state: () => OrderCheckState | undefined = () => undefined;
  const metrics = riskMetrics(base.metrics, () => state());
  const runner = await base.startRunner<OrderCheckState>({
    catalog,
    subscriptions: SUBSCRIPTIONS,
    handles: HANDLES,
    processor: createOrderCheck(trading, { signer, market, decided: metrics.decided }),
  });
  state = () => runner.state();
  await base.serve({
    endpoints: api.endpoints,
    deps: {
      state,
      market: (current) => market(current, base.clock.wall()),
      limits: { ...trading.risk, lossCapPct: trading.day.lossCapPct },
      decisions: decisionReader(base.pool, base.run.run),
    },
    status: () => statusOf(state()),
  });
  return { logger: base.logger };
}

/** What the replay driver and operators ask: how far this service has applied its inputs. */
function statusOf(state: OrderCheckState | undefined): object {
  if (state === undefined) return {};
  const { risk, completeSet } = state;
  return {
    execSequence: risk.ledgerVersion,
    stateEpoch: risk.trading?.epoch ?? 0,
    day: risk.day?.day ?? null,
    completeSet,
    reservations: risk.reservations.size,
    frozen: Object.fromEntries(risk.frozen),
  };
}
