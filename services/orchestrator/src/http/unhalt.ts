import { endpoint } from '@fleet/shared/http';
import { z } from 'zod';
import type { OrchestratorDeps } from './deps.ts';
import { command, REFUSAL_PROBLEMS } from './persons.ts';
import { personsBody, tradingSchema, tradingView } from './schemas.ts';

export const postUnhalt = endpoint({
  method: 'post',
  path: '/admin/orchestrate/unhalt',
  summary: 'Trade again after a halt or a reduction',
  description:
    'Refused while something else holds trading down: a flatten, a reconciliation that is not clean, stale data, or ' +
    "the day's target. What a lift leaves is in the answer: a target reached earlier in the day stays locked.",
  tags: ['admin'],
  body: z.strictObject(personsBody),
  response: z.object({ trading: tradingSchema }),
  errors: ['NOT_LEADER', 'QUEUE_FULL', ...REFUSAL_PROBLEMS],
  handle: async (deps: OrchestratorDeps, { body, context }) => {
    const { trading } = await command(deps, context, 'person.unhalt', body, {});
    return { trading: tradingView(trading) };
  },
});
