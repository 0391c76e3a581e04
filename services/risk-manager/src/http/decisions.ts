import { endpoint } from '@fleet/shared/http';
import { z } from 'zod';
import type { RiskDeps } from './deps.ts';

const decisionSchema = z
  .object({
    proposalId: z.string(),
    cycleId: z.string(),
    symbol: z.string(),
    side: z.string(),
    purpose: z.string(),
    outcome: z.string(),
    code: z.string().nullable(),
    requestedQuantity: z.string(),
    approvedQuantity: z.string().nullable(),
    referencePrice: z.string(),
    figures: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
    decidedAt: z.string(),
  })
  .meta({ id: 'RiskDecision' });

export const getDecisions = endpoint({
  method: 'get',
  path: '/risk/decisions',
  summary: 'The newest decisions of this run, newest first',
  query: z.strictObject({
    limit: z.coerce.number().int().min(1).max(500).default(50),
    symbol: z.string().optional(),
    outcome: z.enum(['approved', 'denied']).optional(),
  }),
  response: z.object({ decisions: z.array(decisionSchema) }),
  handle: async ({ decisions }: RiskDeps, { query }) => ({
    decisions: await decisions.recent({
      limit: query.limit,
      symbol: query.symbol ?? null,
      outcome: query.outcome ?? null,
    }),
  }),
});
