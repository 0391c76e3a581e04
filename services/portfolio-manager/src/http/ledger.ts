import { endpoint } from '@fleet/shared/http';
import { z } from 'zod';
import type { PortfolioDeps } from './deps.ts';

const entrySchema = z.object({
  entry: z.number(),
  kind: z.string(),
  source: z.string(),
  symbol: z.string().nullable(),
  proposalId: z.string().nullable(),
  time: z.string(),
  postings: z.array(z.object({ account: z.string(), asset: z.string(), amount: z.string() })),
});

export const getLedger = endpoint({
  method: 'get',
  path: '/portfolio/ledger',
  summary: 'Double-entry journal, newest first, and the balance of each account',
  query: z.strictObject({
    limit: z.coerce.number().int().min(1).max(1_000).default(100),
    before: z.coerce
      .number()
      .int()
      .positive()
      .optional()
      .meta({ description: 'Entry number: only earlier ones.' }),
  }),
  response: z.object({
    entries: z.array(entrySchema),
    accounts: z.array(z.object({ account: z.string(), asset: z.string(), balance: z.string() })),
  }),
  handle: async ({ ledger }: PortfolioDeps, { query }) => ({
    entries: await ledger.entries({ limit: query.limit, before: query.before ?? null }),
    accounts: await ledger.accounts(),
  }),
});
