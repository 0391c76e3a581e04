import { endpoint } from '@fleet/shared/http';
import { z } from 'zod';
import type { PortfolioDeps } from './deps.ts';

const pointSchema = z.object({
  cycleId: z.string(),
  openTime: z.string(),
  day: z.string(),
  equity: z.string(),
  cash: z.string(),
  realisedPnl: z.string(),
  unrealisedPnl: z.string(),
  fees: z.string(),
});

export const getEquity = endpoint({
  method: 'get',
  path: '/portfolio/equity',
  summary: 'Equity at the close of each bar set, newest first',
  query: z.strictObject({
    limit: z.coerce.number().int().min(1).max(10_000).default(500),
    before: z.coerce
      .number()
      .int()
      .nonnegative()
      .optional()
      .meta({ description: 'Open time, epoch ms: only earlier ones.' }),
  }),
  response: z.object({ equity: z.array(pointSchema) }),
  handle: async ({ ledger }: PortfolioDeps, { query }) => ({
    equity: await ledger.equity({ limit: query.limit, before: query.before ?? null }),
  }),
});
