import { decimal, text } from '@fleet/domain/money';
import { dayPnlPct } from '@fleet/domain/supervision';
import { endpoint } from '@fleet/shared/http';
import { z } from 'zod';
import { figuresOf, type OrchestratorDeps } from './deps.ts';
import { tradingSchema, tradingView } from './schemas.ts';

const NOTE =
  'The target is a profit lock, not a forecast: 1 % a day would be a factor of 37.8 a year, and no published system shows that.';

const answerSchema = z
  .object({
    equity: z.string().nullable(),
    markedAt: z.int().nullable().meta({ description: 'Open time of the bar set that was marked, epoch ms.' }),
    cash: z.string().nullable(),
    holding: z.array(z.string()).meta({ description: 'Symbols of which something can still be sold.' }),
    realisedPnl: z.string().nullable().meta({ description: 'Of the run, in quote units.' }),
    unrealisedPnl: z.string().nullable(),
    fees: z.string().nullable(),
    day: z
      .object({
        day: z.string(),
        openingEquity: z.string(),
        netDeposits: z.number(),
        pnl: z.string().meta({ description: 'Equity less opening equity less net deposits, quote units.' }),
        pnlPct: z.number(),
        targetReached: z.boolean(),
        lossCapReached: z.boolean(),
      })
      .nullable(),
    targetPct: z.number(),
    targetPolicy: z.enum(['lock', 'flatten', 'ignore']),
    lossCapPct: z.number(),
    toTargetPct: z.number().nullable().meta({ description: 'Percent points to the target; 0 when reached.' }),
    toLossCapPct: z.number().nullable().meta({ description: 'Percent points to the cap; 0 when reached.' }),
    trading: tradingSchema,
    note: z.string(),
  })
  .meta({ id: 'PnlStatus' });

export const getPnlStatus = endpoint({
  method: 'get',
  path: '/pnl/status',
  summary: 'Equity, profit of the day, target, loss cap, and the trading state with its reason',
  tags: ['pnl'],
  response: answerSchema,
  errors: ['NOT_LEADER'],
  handle: (deps: OrchestratorDeps) => {
    const { equity, day, trading } = figuresOf(deps);
    const { targetPct, targetPolicy, lossCapPct } = deps.rules;
    const pnlPct = equity === null ? null : dayPnlPct(day, equity.equityMark);
    const pnl =
      day === null || equity === null
        ? '0'
        : text(decimal(equity.equity).sub(day.openingEquity).sub(day.netDeposits));
    return {
      equity: equity?.equity ?? null,
      markedAt: equity?.openTime ?? null,
      cash: equity?.cash ?? null,
      holding: [...(equity?.holding ?? [])],
      realisedPnl: equity?.realisedPnl ?? null,
      unrealisedPnl: equity?.unrealisedPnl ?? null,
      fees: equity?.fees ?? null,
      day:
        day === null
          ? null
          : {
              day: day.day,
              openingEquity: day.openingEquity,
              netDeposits: day.netDeposits,
              pnl,
              pnlPct: pnlPct ?? 0,
              targetReached: day.targetReached,
              lossCapReached: day.lossCapReached,
            },
      targetPct,
      targetPolicy,
      lossCapPct,
      toTargetPct: pnlPct === null ? null : Math.max(0, targetPct - pnlPct),
      toLossCapPct: pnlPct === null ? null : Math.max(0, lossCapPct + pnlPct),
      trading: tradingView(trading),
      note: NOTE,
    };
  },
});
