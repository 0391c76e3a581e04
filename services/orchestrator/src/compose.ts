import type { TradingConfiguration } from '@fleet/domain/configuration';
import { catalog } from '@fleet/domain/events';
import type { Resources, RunningService } from '@fleet/shared/lifecycle';
import { openService, type ServiceBase, type ServiceRunner } from '@fleet/shared/service';
import { redisStreamAdmin } from '@fleet/shared/streams';
import { auditReader } from './audit/audit-reader.ts';
import { openBreakGlass } from './break-glass/socket.ts';
import { type OrchestratorConfig, readConfig, readTrading } from './config.ts';
import { cycleReader } from './cycles/cycle-reader.ts';
import type { OrchestratorDeps, SubmitLocal } from './http/deps.ts';
import { api } from './http/routes.ts';
import { identity } from './identity.ts';
import { Board } from './live/board.ts';
import { EventHub } from './live/event-hub.ts';
import { leaseHooks } from './live/lease.ts';
import { Ticker } from './live/ticker.ts';
import { orchestratorMetrics } from './metrics.ts';
import { whyReader } from './orders/why-reader.ts';
import { orchestratorStatus } from './status.ts';
import { createIdleProcessor, createSupervision, HANDLES, SUBSCRIPTIONS } from './supervision/processor.ts';
import type { OrchestratorState, Scope } from './supervision/state.ts';
import { StateKey } from './trading-state/state-key.ts';

type Base = ServiceBase<OrchestratorConfig>;
type Runner = ServiceRunner<OrchestratorState | null>;

export async function compose(resources: Resources, signal: AbortSignal): Promise<RunningService> {
  const config = readConfig();
  // Read once before anything opens: a faulty file stops the start at once, whatever the run.
  readTrading(config, false);
  const base = await openService(identity, config, resources, { signal });
  const trading = readTrading(config, base.run.mode !== 'live');
  const board = new Board(base.run.run);
  const hub = new EventHub();
  resources.add('events', () => hub.close());
  const runner = await startSupervision(base, trading, board, hub);
  const deps = depsOf({ base, trading, board, hub, runner });
  await serveBreakGlass(base, deps);
  await base.serve({
    endpoints: api.endpoints,
    deps,
    status: () => orchestratorStatus(board),
    // The guard's own log line stays when nobody here can commit it.
    audit: async (entry) => {
      await submitTo(base, () => runner)(
        'admin.called',
        `admin.called:${entry.requestId}:${entry.at}`,
        entry,
        entry,
      );
    },
  });
  return { logger: base.logger };
}

async function serveBreakGlass(base: Base, deps: OrchestratorDeps): Promise<void> {
  const { config, logger, signal, resources } = base;
  if (config.BREAK_GLASS_SOCKET === undefined) return;
  const socket = await openBreakGlass(config.BREAK_GLASS_SOCKET, { deps, logger, signal });
  resources.add('break-glass', () => socket.close());
}

async function startSupervision(
  base: Base,
  trading: TradingConfiguration,
  board: Board,
  hub: EventHub,
): Promise<Runner> {
  const { config, clock, logger, resources } = base;
  const { run, lockstep } = base.run;
  let started: Runner | undefined;
  const runner = (): Runner | undefined => started;
  const leads = () => runner()?.holdsLease() ?? false;
  const onFailure = (err: unknown) => logger.warn({ err }, 'left to the next repetition');
  const key = new StateKey({
    redis: base.redis('state-key'),
    run,
    trading: () => board.figures?.trading ?? null,
    holdsLease: leads,
    onFailure,
  });
  const ticker = new Ticker({
    ...{ board, run, wall: clock.wall, onFailure },
    cycleTimeoutMs: config.CYCLE_TIMEOUT_MS,
    flattenTimeoutMs: config.FLATTEN_TIMEOUT_MS,
    submit: submitTo(base, runner),
  });
  resources.add('trading state key', () => key.stop());
  resources.add('time-outs', () => ticker.stop());
  const { targetPct, lossCapPct } = trading.day;
  const metrics = orchestratorMetrics(base.metrics, {
    board,
    leads,
    targetPct,
    lossCapPct,
    wall: clock.wall,
  });
  const parts = { run, board, key, hub, ticker: lockstep ? null : ticker, metrics, wall: clock.wall };
  const supervision = createSupervision(scopeOf(run, lockstep, trading), leaseHooks(parts));
  started = await base.startRunner<OrchestratorState | null>({
    catalog,
    subscriptions: SUBSCRIPTIONS,
    handles: HANDLES,
    // One account, one state: the other partitions keep their place in the streams and decide nothing.
    processor: (partition) => (partition === 0 ? supervision : createIdleProcessor()),
    trim: true,
  });
  return started;
}

function scopeOf(run: string, lockstep: boolean, trading: TradingConfiguration): Scope {
  const { interval, intervalMs, instruments, day } = trading;
  return { run, lockstep, interval, intervalMs, rules: day, quote: instruments[0]?.quote ?? '' };
}

function submitTo({ clock, run }: Base, runner: () => Runner | undefined): SubmitLocal {
  return async (type, id, data, context) => {
    const ts = new Date(clock.wall()).toISOString();
    const traced =
      context === undefined ? {} : { requestId: context.requestId, traceparent: context.traceparent };
    return runner()?.submit({ id, type, key: run.run, ts, data, ...traced });
  };
}

interface DepsParts {
  readonly base: Base;
  readonly trading: TradingConfiguration;
  readonly board: Board;
  readonly hub: EventHub;
  readonly runner: Runner;
}

function depsOf({ base, trading, board, hub, runner }: DepsParts): OrchestratorDeps {
  const { pool, config, clock } = base;
  const { run, lockstep } = base.run;
  return {
    ...{ run, lockstep, board, hub },
    rules: trading.day,
    symbols: trading.instruments.map(({ symbol }) => symbol),
    leads: () => runner.holdsLease(),
    submit: submitTo(base, () => runner),
    cycles: cycleReader(pool, run),
    why: whyReader(pool, run),
    audit: auditReader(pool, run),
    streams: redisStreamAdmin(base.redis('admin'), catalog, config.STREAM_PARTITIONS),
    wall: clock.wall,
  };
}
