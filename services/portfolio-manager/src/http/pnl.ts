import { exactEquity, pnlFigures } from '@fleet/domain/portfolio';
import { endpoint } from '@fleet/shared/http';
import { z } from 'zod';
import { leadersState, type PortfolioDeps } from './deps.ts';

export const getPnl = endpoint({
  method: 'get',
  path: '/portfolio/pnl',
  summary: 'Realised and unrealised PnL, fees and slippage of this run, each its own number',
  description: 'Equity changes by realised + unrealised - fees; deposits and withdrawals are never PnL.',
  response: z.object({
    day: z.string().nullable(),
    equity: z.string(),
    realisedPnl: z.string(),
    unrealisedPnl: z.string(),
    fees: z.string(),
    slippage: z.string(),
    ledgerVersion: z.number(),
  }),
  errors: ['NOT_LEADER'],
  handle: (deps: PortfolioDeps) => {
    const { portfolio } = leadersState(deps);
    const { day, ledgerVersion } = portfolio;
    return { day, equity: exactEquity(portfolio, portfolio.closes), ...pnlFigures(portfolio), ledgerVersion };
  },
});
