import { randomUUID } from 'node:crypto';
import { eventId } from '@fleet/domain/events';
import { actorOf, endpoint } from '@fleet/shared/http';
import { z } from 'zod';
import type { Canceling } from '../trading-state/commands.ts';
import type { ExecutorDeps } from './deps.ts';

export const postCancelAll = endpoint({
  method: 'post',
  path: '/admin/trade/cancel-all',
  summary: 'Cancel open entries',
  description:
    'Answers when the cancels are stored; they go to the venue at once. Protective stops stay, unless cancelStops.',
  // Carried out each time it is asked: entries may have come since.
  idempotent: false,
  body: z.strictObject({
    cancelStops: z
      .boolean()
      .default(false)
      .meta({ description: 'Also take the stops away: positions stay without one until their next fill.' }),
    requestedBy: z.string().trim().min(1).max(100).default('admin'),
  }),
  response: z.object({
    entries: z.array(z.string()).meta({ description: 'Client order ids of the entries concerned.' }),
    stops: z.array(z.string()),
  }),
  status: 202,
  errors: ['NOT_LEADER', 'QUEUE_FULL'],
  handle: async ({ run, submit, wall }: ExecutorDeps, { body, context }) => {
    const type = 'cancel-all.asked';
    return (await submit({
      id: eventId(run, type, randomUUID()),
      type,
      key: 'account',
      ts: new Date(wall()).toISOString(),
      data: { ...body, requestedBy: actorOf(context, body.requestedBy) },
      requestId: context.requestId,
      traceparent: context.traceparent,
    })) as Canceling;
  },
});
