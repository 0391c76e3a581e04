import { text } from '@fleet/domain/money';
import { emptyPosition, exactEquity, isHolding, unrealisedPnl } from '@fleet/domain/portfolio';
import { endpoint } from '@fleet/shared/http';
import { z } from 'zod';
import { leadersState, type PortfolioDeps } from './deps.ts';

const positionSchema = z.object({
  symbol: z.string(),
  quantity: z.string().meta({ description: 'Base units, dust included.' }),
  averageCost: z.string(),
  close: z.number(),
  unrealisedPnl: z.string(),
  realisedPnl: z.string(),
  fees: z.string(),
  slippage: z.string(),
  holding: z.boolean().meta({ description: 'False when nothing sellable is left.' }),
  stoppedOut: z.boolean(),
});

export const getHoldings = endpoint({
  method: 'get',
  path: '/portfolio/holdings',
  summary: 'Balances and positions as booked, equity at the last close',
  response: z.object({
    ledgerVersion: z.number(),
    equity: z.string(),
    balances: z.record(z.string(), z.string()),
    positions: z.array(positionSchema),
  }),
  errors: ['NOT_LEADER'],
  handle: (deps: PortfolioDeps) => {
    const { portfolio } = leadersState(deps);
    return {
      ledgerVersion: portfolio.ledgerVersion,
      equity: exactEquity(portfolio, portfolio.closes),
      balances: Object.fromEntries([...portfolio.balances].map(([asset, amount]) => [asset, text(amount)])),
      positions: portfolio.instruments.map(({ symbol }, index) => {
        const position = portfolio.positions[index] ?? emptyPosition();
        const close = portfolio.closes[index] ?? 0;
        return {
          symbol,
          quantity: text(position.quantity),
          averageCost: position.quantity.isZero()
            ? '0'
            : text(position.cost.div(position.quantity).toDecimalPlaces(12)),
          close,
          unrealisedPnl: text(unrealisedPnl(position, close).toDecimalPlaces(12)),
          realisedPnl: text(position.realisedPnl.toDecimalPlaces(12)),
          fees: text(position.fees),
          slippage: text(position.slippage),
          holding: isHolding(portfolio, index),
          stoppedOut: portfolio.blocked[index] === 1,
        };
      }),
    };
  },
});
