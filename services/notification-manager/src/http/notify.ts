import { endpoint } from '@fleet/shared/http';
import { z } from 'zod';
import type { Told } from '../notifying/decide.ts';
import { LOCAL, notificationRequestSchema } from '../notifying/inputs.ts';
import type { NotifyDeps } from './deps.ts';

const answerSchema = z
  .object({
    id: z.string(),
    outcome: z.enum(['told', 'counted', 'stored-only', 'below-minimum']).meta({
      description:
        'told: on its way to Slack. counted: the same was told within its window. stored-only: Slack is not configured, or too much waits for it.',
    }),
  })
  .meta({ id: 'NotificationTaken' });

export const postNotification = endpoint({
  method: 'post',
  path: '/notify',
  summary: 'Raise a notification',
  description: 'Answers when it is stored. Delivery follows; its progress is at /notify/status/{id}.',
  body: notificationRequestSchema,
  response: answerSchema,
  status: 202,
  errors: ['NOT_LEADER', 'QUEUE_FULL'],
  handle: async ({ submit, newId, wall }: NotifyDeps, { body, context }) => {
    const told = (await submit({
      id: newId(),
      type: LOCAL.requested,
      key: body.code,
      ts: new Date(wall()).toISOString(),
      data: body,
      requestId: context.requestId,
      traceparent: context.traceparent,
    })) as Told;
    return { id: told.notificationId, outcome: told.outcome };
  },
});
