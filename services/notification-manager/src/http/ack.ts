import { actorOf, endpoint, NotFound } from '@fleet/shared/http';
import { z } from 'zod';
import { type AckRequest, LOCAL } from '../notifying/inputs.ts';
import type { NotifyDeps } from './deps.ts';

export const postAck = endpoint({
  method: 'post',
  path: '/admin/notify/ack',
  summary: 'Say that somebody has taken up a notification',
  description: 'The first acknowledgement counts; a later one answers with the first.',
  body: z.strictObject({
    id: z.string().min(1).max(200),
    by: z.string().trim().min(1).max(100),
    note: z.string().max(500).default(''),
  }),
  response: z.object({
    id: z.string(),
    ackedBy: z.string(),
    ackedAt: z.iso.datetime(),
    already: z.boolean().meta({ description: 'Somebody had taken it up before.' }),
  }),
  errors: ['NOT_FOUND', 'NOT_LEADER', 'QUEUE_FULL'],
  handle: async ({ reader, submit, newId, wall }: NotifyDeps, { body, context }) => {
    const found = await reader.byId(body.id);
    if (found === undefined) throw new NotFound(`no notification ${body.id} in this run`);
    const { ackedBy, ackedAt } = found.notification;
    const asking = actorOf(context, body.by);
    if (ackedBy !== null && ackedAt !== null) return { id: body.id, ackedBy, ackedAt, already: true };
    await submit({
      id: newId(),
      type: LOCAL.acked,
      key: body.id,
      ts: new Date(wall()).toISOString(),
      data: { notificationId: body.id, by: asking, note: body.note } satisfies AckRequest,
      requestId: context.requestId,
      traceparent: context.traceparent,
    });
    // Read again: of two people at the same moment the row tells who was first.
    const stored = (await reader.byId(body.id))?.notification ?? found.notification;
    const by = stored.ackedBy ?? asking;
    return {
      id: body.id,
      ackedBy: by,
      ackedAt: stored.ackedAt ?? new Date(wall()).toISOString(),
      already: by !== asking,
    };
  },
});
