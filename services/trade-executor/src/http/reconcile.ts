import { endpoint } from '@fleet/shared/http';
import { z } from 'zod';
import type { ExecutorDeps } from './deps.ts';

export const postReconcile = endpoint({
  method: 'post',
  path: '/admin/trade/reconcile',
  summary: 'Compare orders, fills and balances with the venue now',
  description: 'What was missed is fetched and booked first. The result also goes out on exec.status.',
  body: z.strictObject({
    acceptBalances: z.boolean().default(false).meta({
      description:
        'Take differences of balances over as deposits and withdrawals (cash.moved). Only when you know where they come from.',
    }),
  }),
  response: z.object({
    clean: z.boolean(),
    differences: z.array(
      z.object({
        kind: z.enum(['balance', 'order', 'fill']),
        subject: z.string(),
        ours: z.string(),
        venue: z.string(),
      }),
    ),
    frozenSymbols: z.array(z.string()),
  }),
  errors: ['NOT_LEADER', 'VENUE_UNAVAILABLE', 'VENUE_REFUSED', 'VENUE_UNREADABLE'],
  handle: ({ reconcile }: ExecutorDeps, { body }) => reconcile(body.acceptBalances),
});
