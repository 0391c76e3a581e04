import { dayPnlPct } from '@fleet/domain/supervision';
import type { Metrics } from '@fleet/shared/telemetry';
import type { Board, Figures } from './live/board.ts';
import type { Effect } from './supervision/turn.ts';

const MODES = ['ACTIVE', 'REDUCING', 'HALTED'] as const;

export interface OrchestratorMetrics {
  /** After a commit. */
  committed(effects: readonly Effect[]): void;
}

export interface MetricsParts {
  readonly board: Board;
  /** Only the leaseholder's figures are the fleet's. */
  readonly leads: () => boolean;
  readonly targetPct: number;
}

/** The service's own metrics, beside the common ones. */
export function orchestratorMetrics(metrics: Metrics, parts: MetricsParts): OrchestratorMetrics {
  const { board, leads, targetPct } = parts;
  const figures = () => (leads() ? board.figures : null);
  metrics.gauge({
    name: 'trading_state',
    help: '1 for the mode that holds, 0 for the others; none of them in a replica that stands by.',
    labelNames: ['mode'],
    collect: (gauge) => {
      gauge.reset();
      const current = figures()?.trading.mode;
      if (current !== undefined) for (const mode of MODES) gauge.set({ mode }, mode === current ? 1 : 0);
    },
  });
  const figure = (name: string, help: string, read: (known: Figures) => number | undefined) =>
    metrics.gauge({
      name,
      help,
      // Without a value nothing is exported: 0 would be a figure.
      labelNames: ['run'],
      collect: (gauge) => {
        gauge.reset();
        const known = figures();
        const value = known === null ? undefined : read(known);
        if (known !== null && value !== undefined) gauge.set({ run: board.run }, value);
      },
    });
  figure('trading_state_epoch', 'Epoch of the trading state.', ({ trading }) => trading.epoch);
  figure('equity', 'Equity at the last mark, in quote units.', ({ equity }) => equity?.equityMark);
  figure('day_pnl_pct', 'Profit of the trading day in percent of its opening equity.', ({ day, equity }) =>
    equity === null ? undefined : dayPnlPct(day, equity.equityMark),
  );
  figure('day_target_pct', 'Profit lock of the trading day in percent; not a forecast.', () => targetPct);
  return counters(metrics);
}

function counters(metrics: Metrics): OrchestratorMetrics {
  const cycles = metrics.counter({
    name: 'cycles_total',
    help: 'Decision cycles of bar sets by outcome.',
    labelNames: ['outcome'],
  });
  const latency = metrics.histogram({
    name: 'cycle_latency_seconds',
    help: 'From the first bar of a cycle seen to its last order acknowledged and its mark.',
  });
  const halts = metrics.counter({ name: 'halts_total', help: 'Halts by reason.', labelNames: ['reason'] });
  return {
    committed: (effects) => {
      for (const effect of effects) {
        if (effect.kind === 'state' && effect.trading.mode === 'HALTED')
          halts.inc({ reason: effect.trading.reason });
        if (effect.kind !== 'completed') continue;
        cycles.inc({ outcome: effect.outcome });
        if (effect.latencyMs !== null) latency.observe(effect.latencyMs / 1_000);
      }
    },
  };
}
