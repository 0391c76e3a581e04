import { endpoint, NotFound } from '@fleet/shared/http';
import { z } from 'zod';
import type { NotifyDeps } from './deps.ts';
import { deliveryView, notificationView } from './views.ts';

export const getStatus = endpoint({
  method: 'get',
  path: '/notify/status/{id}',
  summary: 'What became of a notification: how often it was raised, its deliveries, who took it up',
  params: z.object({ id: z.string().min(1).max(200) }),
  response: z.object({ notification: notificationView, deliveries: z.array(deliveryView) }),
  errors: ['NOT_FOUND'],
  handle: async ({ reader }: NotifyDeps, { params }) => {
    const found = await reader.byId(params.id);
    if (found === undefined) throw new NotFound(`no notification ${params.id} in this run`);
    return found;
  },
});
