import { endpoint } from '@fleet/shared/http';
import { z } from 'zod';
import type { OrchestratorDeps } from './deps.ts';
import { command } from './persons.ts';
import { personsBody, tradingSchema, tradingView } from './schemas.ts';

const shared = {
  method: 'post',
  // As for a halt: asked again, it is carried out again.
  idempotent: false,
  response: z.object({ changed: z.boolean(), trading: tradingSchema }),
  errors: ['NOT_LEADER', 'QUEUE_FULL', 'FLATTEN_UNDER_WAY', 'DAILY_TARGET_REACHED'],
} as const;

export const postReduce = endpoint({
  ...shared,
  path: '/admin/orchestrate/reduce',
  summary: 'Allow only orders that make positions smaller',
  tags: ['admin'],
  body: z.strictObject(personsBody),
  handle: async (deps: OrchestratorDeps, { body, context }) => {
    const { kind, trading } = await command(deps, context, 'person.reduce', body, {});
    return { changed: kind === 'done', trading: tradingView(trading) };
  },
});

/** The safe direction needs no admin token; the way back does. */
export const postStop = endpoint({
  ...shared,
  path: '/orchestrate/stop',
  summary: 'Take no new risk: only orders that make positions smaller; an admin lifts it',
  tags: ['orchestrate'],
  body: z.strictObject({ reason: personsBody.reason.default('stop requested') }),
  handle: async (deps: OrchestratorDeps, { body, context }) => {
    const asked = { reason: body.reason, actor: context.address };
    const { kind, trading } = await command(deps, context, 'person.reduce', asked, {});
    return { changed: kind === 'done', trading: tradingView(trading) };
  },
});
