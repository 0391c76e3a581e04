import { randomUUID } from 'node:crypto';
import type { OrderProposed } from '@fleet/domain/events';
import { endpoint } from '@fleet/shared/http';
import { z } from 'zod';
import { REBALANCE } from '../planning/processor.ts';
import type { PortfolioDeps } from './deps.ts';

interface Rebalanced {
  readonly proposals: readonly OrderProposed[];
  readonly skipped: readonly { readonly symbol: string; readonly code: string }[];
}

export const postRebalance = endpoint({
  method: 'post',
  path: '/portfolio/rebalance',
  summary: 'Plan anew on the newest signals and marks',
  description:
    'The proposals go to risk like those of any cycle; symbols that get none are named with the reason.',
  response: z.object({
    requestId: z.string(),
    proposals: z.array(
      z.object({ proposalId: z.string(), symbol: z.string(), side: z.string(), quantity: z.string() }),
    ),
    skipped: z.array(z.object({ symbol: z.string(), code: z.string() })),
  }),
  status: 202,
  errors: ['NOT_LEADER', 'QUEUE_FULL'],
  handle: async ({ submit, wall }: PortfolioDeps, { context }) => {
    const requestId = randomUUID();
    const result = (await submit({
      id: requestId,
      type: REBALANCE,
      key: 'account',
      ts: new Date(wall()).toISOString(),
      data: { requestId },
      requestId: context.requestId,
      traceparent: context.traceparent,
    })) as Rebalanced;
    return {
      requestId,
      proposals: result.proposals.map(({ proposalId, symbol, side, quantity }) => ({
        proposalId,
        symbol,
        side,
        quantity,
      })),
      skipped: result.skipped,
    };
  },
});
