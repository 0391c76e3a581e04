import { STATE_REASONS } from '@fleet/domain/events';
import type { Metrics } from '@fleet/shared/telemetry';
import { type FigureParts, figureMetrics } from './live/figure-metrics.ts';
import type { Effect } from './supervision/turn.ts';

export interface OrchestratorMetrics {
  /** After a commit. */
  committed(effects: readonly Effect[]): void;
}

/** The service's own metrics, beside the common ones. */
export function orchestratorMetrics(metrics: Metrics, parts: FigureParts): OrchestratorMetrics {
  figureMetrics(metrics, parts);
  const orders = orderMetrics(metrics);
  const supervision = supervisionMetrics(metrics);
  return {
    committed: (effects) => {
      for (const effect of effects) {
        orders(effect);
        supervision(effect);
      }
    },
  };
}

function orderMetrics(metrics: Metrics): (effect: Effect) => void {
  const fills = metrics.counter({
    name: 'fills_total',
    help: "Fills of the fleet's orders.",
    labelNames: ['symbol', 'side', 'purpose'],
  });
  const turnover = metrics.counter({
    name: 'fills_quote_total',
    help: 'Value of the fills, quote units.',
    labelNames: ['symbol', 'side'],
  });
  const accepted = metrics.histogram({
    name: 'order_decision_to_accept_seconds',
    help: "From risk's approval to the venue's acceptance, as this service sees both.",
  });
  const violations = metrics.counter({
    name: 'order_violations_total',
    help: 'Events of orders that do not fit what was known of them.',
  });
  return (effect) => {
    if (effect.kind === 'accepted') accepted.observe(effect.afterMs / 1_000);
    if (effect.kind === 'violation') violations.inc();
    if (effect.kind !== 'fill') return;
    const { symbol, side, purpose } = effect.fill;
    fills.inc({ symbol, side, purpose });
    turnover.inc({ symbol, side }, effect.quote);
  };
}

/** Counters of a closed list begin at 0, so that the first one is an increase. */
function supervisionMetrics(metrics: Metrics): (effect: Effect) => void {
  const cycles = metrics.counter({
    name: 'cycles_total',
    help: 'Decision cycles of bar sets by outcome.',
    labelNames: ['outcome'],
  });
  for (const outcome of ['complete', 'timed-out']) cycles.inc({ outcome }, 0);
  const latency = metrics.histogram({
    name: 'cycle_latency_seconds',
    help: 'From the first bar of a cycle seen to its last order acknowledged and its mark.',
  });
  const breakGlass = metrics.counter({
    name: 'break_glass_uses_total',
    help: 'Commands that came by the break-glass socket, past every sign-in.',
    labelNames: ['asked'],
  });
  for (const asked of ['halt.requested', 'reduce.requested']) breakGlass.inc({ asked }, 0);
  const halts = metrics.counter({ name: 'halts_total', help: 'Halts by reason.', labelNames: ['reason'] });
  for (const reason of STATE_REASONS) halts.inc({ reason }, 0);
  return (effect) => {
    if (effect.kind === 'state' && effect.trading.mode === 'HALTED')
      halts.inc({ reason: effect.trading.reason });
    if (effect.kind === 'break-glass') breakGlass.inc({ asked: effect.asked });
    if (effect.kind !== 'completed') return;
    cycles.inc({ outcome: effect.outcome });
    if (effect.latencyMs !== null) latency.observe(effect.latencyMs / 1_000);
  };
}
