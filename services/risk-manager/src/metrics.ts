import { equityMark } from '@fleet/domain/portfolio';
import { RISK_CODE_NAMES, type RiskState, type Verdict } from '@fleet/domain/risk';
import type { Gauge, Metrics } from '@fleet/shared/telemetry';
import type { OrderCheckState } from './order-check/state.ts';

export interface RiskMetrics {
  decided(verdict: Verdict): void;
}

type Current = () => RiskState | undefined;

/** The service's own metrics. `state` is the leader's, undefined in a standby, which exports no figures. */
export function riskMetrics(metrics: Metrics, state: () => OrderCheckState | undefined): RiskMetrics {
  const decisions = metrics.counter({
    name: 'risk_decisions_total',
    help: 'Proposals judged, by outcome and code; code is the limit that shrank an approval, or "none".',
    labelNames: ['outcome', 'code'],
  });
  // From 0, so that the first refusal of a kind is an increase.
  decisions.inc({ outcome: 'approved', code: 'none' }, 0);
  for (const code of RISK_CODE_NAMES) decisions.inc({ outcome: 'denied', code }, 0);
  const risk: Current = () => state()?.risk;
  accountGauges(metrics, risk);
  symbolGauge(metrics, risk);
  return {
    decided: (verdict) =>
      decisions.inc({
        outcome: verdict.kind,
        code: (verdict.kind === 'denied' ? verdict.code : verdict.shrunkBy) ?? 'none',
      }),
  };
}

function accountGauges(metrics: Metrics, current: Current): void {
  const gauge = (name: string, help: string, read: (risk: RiskState) => number | null) =>
    metrics.gauge({ name, help, collect: (target) => show(target, current(), read) });
  gauge(
    'risk_reservations',
    'Approvals whose orders have neither filled nor ended.',
    ({ reservations }) => reservations.size,
  );
  gauge('risk_frozen_symbols', 'Symbols on which nothing is approved.', ({ frozen }) => frozen.size);
  gauge(
    'risk_ledger_version',
    'Last exec.status sequence that is applied.',
    ({ ledgerVersion }) => ledgerVersion,
  );
  gauge('risk_equity', 'Equity as the gate counts it, quote units.', equityOf);
  gauge('risk_gross_notional', 'Value of all positions at the last close, quote units.', (risk) =>
    notionals(risk).reduce((sum, notional) => sum + Math.abs(notional), 0),
  );
  gauge(
    'risk_day_loss',
    'Loss of the trading day as the gate counts it, quote units; a profit is negative.',
    (risk) => {
      const equity = equityOf(risk);
      if (risk.day === null || equity === null) return null;
      return risk.day.openingEquityMark + risk.day.netDeposits - equity;
    },
  );
  gauge('risk_loss_cap', 'Loss of the trading day that nothing may raise further, quote units.', (risk) =>
    risk.day === null ? null : (risk.lossCapPct / 100) * risk.day.openingEquityMark,
  );
}

function symbolGauge(metrics: Metrics, current: Current): void {
  metrics.gauge({
    name: 'risk_symbol_notional',
    help: 'Value of a position at the last close, quote units.',
    labelNames: ['symbol'],
    collect: (gauge) => {
      gauge.reset();
      const risk = current();
      if (risk === undefined) return;
      const values = notionals(risk);
      for (const [index, { symbol }] of risk.instruments.entries()) gauge.set({ symbol }, values[index] ?? 0);
    },
  });
}

function show(gauge: Gauge, risk: RiskState | undefined, read: (risk: RiskState) => number | null): void {
  const value = risk === undefined ? null : read(risk);
  if (value === null) gauge.remove();
  else gauge.set(value);
}

/** Null before the account is known. */
function equityOf({ cash, quantities, closes }: RiskState): number | null {
  const equity = equityMark(cash, quantities, closes);
  return Number.isNaN(equity) ? null : equity;
}

function notionals({ quantities, closes }: RiskState): number[] {
  return [...quantities].map((quantity, index) => quantity * (closes[index] ?? 0));
}
