import { endpoint } from '@fleet/shared/http';
import { z } from 'zod';
import { AUDIT_KINDS } from '../audit/chain.ts';
import type { OrchestratorDeps } from './deps.ts';

const verdictSchema = z.object({
  intact: z.boolean(),
  rows: z.int().meta({ description: 'Rows that follow from each other, from the first on.' }),
  problem: z.string().nullable(),
});

export const getAudit = endpoint({
  method: 'get',
  path: '/admin/audit',
  summary: 'Audit rows of the run, newest first; with verify, whether the chain is unbroken',
  tags: ['admin'],
  query: z.strictObject({
    limit: z.coerce.number().int().min(1).max(500).default(50),
    before: z.coerce.number().int().min(1).optional(),
    kind: z.enum(AUDIT_KINDS).optional(),
    verify: z.enum(['true', 'false']).default('false'),
  }),
  response: z.object({
    entries: z.array(
      z.object({ sequence: z.int(), hash: z.string(), body: z.record(z.string(), z.unknown()) }),
    ),
    verification: verdictSchema.nullable(),
  }),
  handle: async ({ audit }: OrchestratorDeps, { query: { limit, before = null, kind = null, verify } }) => {
    const entries = await audit.recent({ limit, before, kind });
    return { entries, verification: verify === 'true' ? await verified(audit) : null };
  },
});

async function verified(audit: OrchestratorDeps['audit']): Promise<z.input<typeof verdictSchema>> {
  const verdict = await audit.verify();
  if (verdict.intact) return { intact: true, rows: verdict.head.sequence, problem: null };
  return { intact: false, rows: verdict.sequence - 1, problem: verdict.problem };
}
