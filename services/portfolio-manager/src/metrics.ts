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
        // A replica that stands by, or a ledger that is not open: 0 would be a figure.
        if (current === undefined || current.portfolio.balances.size === 0) target.remove();
        else target.set(read(current));
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
  gauge(
    'portfolio_unrealised_pnl',
    'Value at the last close less average cost, quote units.',
    ({ portfolio }) => Number(pnlFigures(portfolio).unrealisedPnl),
  );
  gauge(
    'portfolio_slippage',
    'Paid more, or got less, than the decision price since the run began, quote units.',
    ({ portfolio }) => Number(pnlFigures(portfolio).slippage),
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
  positionGauges(metrics, state);
}

function positionGauges(metrics: Metrics, state: () => PlanningState | undefined): void {
  const bySymbol = (
    name: string,
    help: string,
    read: (portfolio: PlanningState['portfolio'], index: number) => number,
  ): void => {
    metrics.gauge({
      name,
      help,
      labelNames: ['symbol'],
      collect: (target) => {
        target.reset();
        const portfolio = state()?.portfolio;
        if (portfolio === undefined) return;
        for (const [index, { symbol }] of portfolio.instruments.entries())
          target.set({ symbol }, read(portfolio, index));
      },
    });
  };
  bySymbol(
    'portfolio_position_quantity',
    'Base units held, dust included.',
    ({ quantities }, index) => quantities[index] ?? 0,
  );
  bySymbol(
    'portfolio_position_notional',
    'Value of the position at the last close, quote units.',
    ({ quantities, closes }, index) => (quantities[index] ?? 0) * (closes[index] ?? 0),
  );
}
