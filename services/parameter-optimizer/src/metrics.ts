import type { Metrics } from '@fleet/shared/telemetry';
import type { StudyState } from './studies/study.ts';

export interface OptimizerMetrics {
  ended(outcome: StudyState): void;
  tried(seconds: number): void;
}

export interface Gauges {
  /** Studies that wait or run. */
  readonly open: () => number;
  readonly threads: () => number;
}

const TRIAL_BUCKETS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export function optimizerMetrics(metrics: Metrics, gauges: Gauges): OptimizerMetrics {
  const studies = metrics.counter({
    name: 'studies_total',
    help: 'Studies that ended, by outcome: completed, failed, canceled.',
    labelNames: ['outcome'],
  });
  const trials = metrics.counter({
    name: 'trials_total',
    help: 'Backtests of train and test periods that were run.',
  });
  const seconds = metrics.histogram({
    name: 'trial_seconds',
    help: 'Time of one backtest in its thread.',
    buckets: TRIAL_BUCKETS_SECONDS,
  });
  metrics.gauge({
    name: 'studies_open',
    help: 'Studies that wait or run.',
    collect: (gauge) => gauge.set(gauges.open()),
  });
  metrics.gauge({
    name: 'trial_threads',
    help: 'Worker threads that are started.',
    collect: (gauge) => gauge.set(gauges.threads()),
  });
  return {
    ended: (outcome) => studies.inc({ outcome }),
    tried: (took) => {
      trials.inc();
      seconds.observe(took);
    },
  };
}
