import { randomUUID } from 'node:crypto';
import { catalog } from '@fleet/domain/events';
import type { Resources, RunningService } from '@fleet/shared/lifecycle';
import { openService } from '@fleet/shared/service';
import type { LocalInput } from '@fleet/shared/streams';
import { type AnalystRequest, candlesFromAnalyst } from './candles/analyst-bars.ts';
import { loadCandles } from './candles/candle-source.ts';
import { type OptimizerConfig, readConfig, readTrialRules, threadsOf } from './config.ts';
import { api } from './http/routes.ts';
import { identity } from './identity.ts';
import { type OptimizerMetrics, optimizerMetrics } from './metrics.ts';
import { createIdleProcessor, createProcessor, HANDLES, SUBSCRIPTIONS } from './optimizer/processor.ts';
import type { OptimizerScope, OptimizerState } from './optimizer/state.ts';
import { StudyDriver } from './studies/study-driver.ts';
import { storedRecord } from './studies/trial-record.ts';
import { TrialPool } from './trials/trial-pool.ts';

export async function compose(resources: Resources, signal: AbortSignal): Promise<RunningService> {
  const config = readConfig();
  const { configuration, venue } = readTrialRules(config);
  const base = await openService(identity, config, resources, { signal });
  const { pool: db, logger, clock } = base;
  let state: () => OptimizerState | null = () => null;
  const open = () => state()?.open.size ?? 0;
  const metrics = optimizerMetrics(base.metrics, { open, threads: () => trials.threadsRunning });
  const trials = trialPool(config, metrics, (err) => logger.warn({ err }, 'a trial thread ended'));
  resources.add('trials', () => trials.close());
  const scope = scopeOf(config, base.run.run, configuration);
  const driver = new StudyDriver({
    tools: {
      ...{ configuration, venue, pool: trials, record: storedRecord(db, scope.run) },
      loadCandles: (request) => loadCandles(request, sourcesOf(config, trials)),
    },
    wall: clock.wall,
    onFailure: (study, err) => logger.warn({ err, study: study.id }, 'a study was interrupted'),
  });
  const runner = await base.startRunner<OptimizerState | null>({
    ...{ catalog, subscriptions: SUBSCRIPTIONS, handles: HANDLES },
    // Studies take all threads, one after the other: one lease covers them, whatever the count of partitions.
    processor: (partition) =>
      partition === 0
        ? createProcessor({ scope, driver, onEnded: ({ outcome }) => metrics.ended(outcome) })
        : createIdleProcessor(),
  });
  state = () => runner.state(0) ?? null;
  await base.serve({
    endpoints: api.endpoints,
    deps: {
      ...{ run: scope.run, db, configuration, limits: scope.limits, defaults: scope.defaults },
      ...{ submit: (input: LocalInput) => runner.submit(input, 0), newId: randomUUID, wall: clock.wall },
    },
    status: () => ({
      studies: { open: open(), running: driver.running },
      threads: { running: trials.threadsRunning, max: trials.threads },
    }),
  });
  // The rows say where each study stands; a trial under way is run again by whoever goes on.
  return { logger, stopping: async () => driver.release() };
}

function trialPool(
  config: OptimizerConfig,
  metrics: OptimizerMetrics,
  onThreadError: (error: unknown) => void,
): TrialPool {
  const { OPTIMIZER_NICE: nice } = config;
  return new TrialPool({ threads: threadsOf(config), nice, onTrial: metrics.tried, onThreadError });
}

function scopeOf(
  config: OptimizerConfig,
  run: string,
  configuration: OptimizerScope['configuration'],
): OptimizerScope {
  return {
    ...{ run, configuration },
    limits: {
      trialsMax: config.OPTIMIZER_TRIALS_MAX,
      barsMax: config.OPTIMIZER_BARS_MAX,
      openMax: config.OPTIMIZER_STUDIES_MAX,
    },
    defaults: {
      tradesMin: config.OPTIMIZER_TRADES_MIN,
      drawdownMax: config.OPTIMIZER_DRAWDOWN_MAX_PCT / 100,
      candidates: config.OPTIMIZER_CANDIDATES,
    },
  };
}

function sourcesOf(config: OptimizerConfig, trials: TrialPool) {
  return {
    folder: config.CANDLES_DIR,
    analystUrl: config.MARKET_ANALYST_URL,
    fromFolder: trials.load.bind(trials),
    fromAnalyst: (request: AnalystRequest) =>
      candlesFromAnalyst({ ...request, serviceSecret: config.SERVICE_SECRET }),
  };
}
