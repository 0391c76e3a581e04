import { tradingDays } from '@fleet/domain/day';
import { catalog } from '@fleet/domain/events';
import type { Resources, RunningService } from '@fleet/shared/lifecycle';
import { openService, type ServiceBase } from '@fleet/shared/service';
import { NotLeaderError } from '@fleet/shared/streams';
import type { Logger } from '@fleet/shared/telemetry';
import type { ExecutorScope, ExecutorState } from './book/state.ts';
import { type ExecutorConfig, readConfig, readTrading, venueAccess } from './config.ts';
import type { ExecutorDeps } from './http/deps.ts';
import { orderReader } from './http/order-reader.ts';
import { api } from './http/routes.ts';
import { identity } from './identity.ts';
import { openRiskKeys, type RiskKeys } from './intake/risk-keys.ts';
import { executorMetrics } from './metrics.ts';
import { logAnswer } from './order-log.ts';
import { createIdleProcessor, createProcessor, HANDLES, SUBSCRIPTIONS } from './processor.ts';
import { VenueSession } from './session/session.ts';
import { sessionSettings } from './session/settings.ts';
import { parseStateKey, STATE_KEY } from './session/state-key.ts';
import { executorProblems, executorStatus } from './status.ts';
import { createVenue } from './venue/client.ts';
import type { ExecutionVenue } from './venue/port.ts';

type Base = ServiceBase<ExecutorConfig>;
type Trading = ReturnType<typeof readTrading>;

/** Bound on every request to the venue, as the halt's confirmation counts on it. */
const REQUEST_MS_MAX = 2_000;
const DRAIN_MS_MAX = 1_500;

export async function compose(resources: Resources, signal: AbortSignal): Promise<RunningService> {
  const config = readConfig();
  const trading = readTrading(config);
  let logger: Logger | undefined;
  const risk = riskKeys(config, () => logger);
  const base = await openService(identity, config, resources, { signal });
  logger = base.logger;
  const venue = openVenue(base, trading);
  const scope = scopeOf(base, trading, venue);
  let state: () => ExecutorState | null = () => null;
  const session = openSession(base, { scope, venue, state: () => state() });
  const executor = createProcessor({ scope, risk, session });
  const runner = await base.startRunner<ExecutorState | null>({
    catalog,
    subscriptions: SUBSCRIPTIONS,
    handles: HANDLES,
    // Cash and positions belong to the account: one lease covers them, whatever the count of partitions.
    processor: (partition) => (partition === 0 ? executor : createIdleProcessor()),
  });
  state = () => (runner.holdsLease(0) ? (runner.state(0) ?? null) : null);
  const submit: ExecutorDeps['submit'] = (input) => runner.submit(input, 0);
  await base.serve({
    endpoints: api.endpoints,
    deps: depsOf(base, { trading, venue, session, submit }),
    notReady: () => executorProblems(state(), session.current),
    status: () => executorStatus(state(), session.current, scope.run),
  });
  return { logger: base.logger, stopping: () => session.drain(DRAIN_MS_MAX) };
}

function riskKeys(config: ExecutorConfig, logger: () => Logger | undefined): RiskKeys {
  return openRiskKeys({
    dir: config.RISK_PUBLIC_KEYS_DIR,
    pem: config.RISK_PUBLIC_KEY,
    alias: config.RISK_SIGNING_KEY_ID,
    onFault: (err) =>
      logger()?.error({ err }, 'the folder of risk keys cannot be read; the keys before it count on'),
  });
}

function openVenue({ config, clock, resources }: Base, trading: Trading): ExecutionVenue {
  const access = venueAccess(config);
  const venue = createVenue({
    ...access,
    interval: trading.interval,
    requestMsMax: REQUEST_MS_MAX,
    wall: clock.wall,
  });
  resources.add('venue', () => venue.close());
  return venue;
}

function scopeOf({ run, config }: Base, trading: Trading, venue: ExecutionVenue): ExecutorScope {
  return {
    run: run.run,
    mode: run.mode,
    venue: venue.name,
    instruments: trading.instruments,
    intervalMs: trading.intervalMs,
    recvWindowMs: config.VENUE_RECV_WINDOW_MS,
  };
}

interface SessionNeeds {
  readonly scope: ExecutorScope;
  readonly venue: ExecutionVenue;
  readonly state: () => ExecutorState | null;
}

function openSession(base: Base, { scope, venue, state }: SessionNeeds): VenueSession {
  const { config, clock, logger, pool, run } = base;
  const redis = base.redis('state-key');
  const settings = sessionSettings(run.mode, config.VENUE_RECONCILE_SECONDS * 1_000);
  const metrics = executorMetrics(base.metrics, {
    state,
    mode: () => session.mode,
    wall: clock.wall,
    reconcileMs: settings.reconcileMs,
  });
  const session = new VenueSession({
    ...{ scope, venue, db: pool, wall: clock.wall, logger },
    settings,
    readTradingState: async () => parseStateKey(await redis.get(STATE_KEY).catch(() => null), scope.run),
    observer: {
      ...metrics,
      answered: (intent, answer, seconds) => {
        metrics.answered(intent, answer, seconds);
        logAnswer(logger, state(), intent, answer);
      },
      failed: (err) => {
        metrics.failed(err);
        logger.debug({ err }, 'a step at the venue failed');
      },
    },
  });
  base.resources.add('venue session', () => session.stop());
  return session;
}

interface DepsNeeds {
  readonly trading: Trading;
  readonly venue: ExecutionVenue;
  readonly session: VenueSession;
  readonly submit: ExecutorDeps['submit'];
}

function depsOf({ pool, run, clock }: Base, { trading, venue, session, submit }: DepsNeeds): ExecutorDeps {
  const days = tradingDays(trading.day);
  const leading = () => {
    if (session.current === null) throw new NotLeaderError();
    return session.current;
  };
  return {
    run: run.run,
    reader: orderReader(pool, run.run),
    symbols: trading.instruments.map(({ symbol }) => symbol),
    submit,
    lastBar: async (symbol) => {
      leading();
      return venue.lastBar(symbol);
    },
    reconcile: async (acceptBalances) => leading().reconcile('request', acceptBalances),
    dayOf: (time) => days.dayOf(time),
    intervalMs: trading.intervalMs,
    manualValidForMs: trading.portfolio.validForMs,
    wall: clock.wall,
  };
}
