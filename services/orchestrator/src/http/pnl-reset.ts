import { endpoint } from '@fleet/shared/http';
import { z } from 'zod';
import { figuresOf, type OrchestratorDeps } from './deps.ts';
import { command } from './persons.ts';
import { personsBody, tradingSchema, tradingView } from './schemas.ts';

export const postPnlReset = endpoint({
  method: 'post',
  path: '/admin/pnl/reset',
  summary: 'Begin the trading day anew at the equity of the last mark',
  description:
    "Profit, target and loss cap of the day count from here, and a target's lock is lifted. A halt stays. Audited.",
  tags: ['admin'],
  body: z.strictObject(personsBody),
  response: z.object({
    day: z.string().nullable(),
    openingEquity: z.string().nullable(),
    trading: tradingSchema,
  }),
  errors: ['NOT_LEADER', 'QUEUE_FULL', 'NO_OPEN_DAY', 'FLATTEN_UNDER_WAY'],
  handle: async (deps: OrchestratorDeps, { body, context }) => {
    const { trading } = await command(deps, context, 'person.reset-day', body, {});
    const { day } = figuresOf(deps);
    const opened = { day: day?.day ?? null, openingEquity: day?.openingEquity ?? null };
    return { ...opened, trading: tradingView(trading) };
  },
});
