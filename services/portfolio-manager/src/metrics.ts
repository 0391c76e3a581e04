import { equityMark, pnlFigures } from '@fleet/domain/portfolio';
import type { Metrics } from '@fleet/shared/telemetry';
import type { PlanningState } from './planning/state.ts';

/** Gauges from the leader's state; nothing in a standby. */
export function portfolioMetrics(metrics: Metrics, state: () => PlanningState | undefined): void {
  const gauge = (name: string, help: string, read: (state: PlanningState) => number): void => {
    metrics.gauge({
      name,
      help,
      collect: (target) => {
        const current = state();
        if (current !== undefined && current.portfolio.balances.size > 0) target.set(read(current));
      },
    });
  };
  gauge('portfolio_equity', 'Cash and holdings at the last close, quote units.', ({ portfolio }) =>
    equityMark(portfolio.cash, portfolio.quantities, portfolio.closes),
  );
  gauge('portfolio_cash', 'Quote held, free and locked.', ({ portfolio }) => portfolio.cash);
  gauge(
    'portfolio_realised_pnl',
    'Realised since the run began, fees not counted, quote units.',
    ({ portfolio }) => Number(pnlFigures(portfolio).realisedPnl),
  );
  gauge('portfolio_fees', 'Fees since the run began, quote units.', ({ portfolio }) =>
    Number(pnlFigures(portfolio).fees),
  );
  gauge(
    'portfolio_working_proposals',
    'Proposals neither denied nor ended.',
    ({ portfolio }) => portfolio.working.size,
  );
  gauge(
    'portfolio_ledger_version',
    'Last exec.status sequence that is booked.',
    ({ portfolio }) => portfolio.ledgerVersion,
  );
  metrics.gauge({
    name: 'portfolio_position_quantity',
    help: 'Base units held, dust included.',
    labelNames: ['symbol'],
    collect: (target) => {
      const portfolio = state()?.portfolio;
      for (const [index, { symbol }] of (portfolio?.instruments ?? []).entries()) {
        target.set({ symbol }, portfolio?.quantities[index] ?? 0);
      }
    },
  });
}
