import type { Verdict } from '@fleet/domain/risk';
import type { Metrics } from '@fleet/shared/telemetry';
import type { OrderCheckState } from './order-check/state.ts';

export interface RiskMetrics {
  decided(verdict: Verdict): void;
}

/** The service's own metrics. `state` is the leader's, undefined in a standby. */
export function riskMetrics(metrics: Metrics, state: () => OrderCheckState | undefined): RiskMetrics {
  const decisions = metrics.counter({
    name: 'risk_decisions_total',
    help: 'Proposals judged, by outcome and code; code is the limit that shrank an approval, or "none".',
    labelNames: ['outcome', 'code'],
  });
  metrics.gauge({
    name: 'risk_reservations',
    help: 'Approvals whose orders have neither filled nor ended.',
    collect: (gauge) => gauge.set(state()?.risk.reservations.size ?? 0),
  });
  metrics.gauge({
    name: 'risk_frozen_symbols',
    help: 'Symbols on which nothing is approved.',
    collect: (gauge) => gauge.set(state()?.risk.frozen.size ?? 0),
  });
  return {
    decided: (verdict) =>
      decisions.inc({
        outcome: verdict.kind,
        code: (verdict.kind === 'denied' ? verdict.code : verdict.shrunkBy) ?? 'none',
      }),
  };
}
