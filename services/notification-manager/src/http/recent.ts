import { SEVERITIES } from '@fleet/domain/events';
import { endpoint } from '@fleet/shared/http';
import { z } from 'zod';
import type { NotifyDeps } from './deps.ts';
import { notificationView } from './views.ts';

export const getRecent = endpoint({
  method: 'get',
  path: '/notify/recent',
  summary: 'The latest notifications of this run, newest first',
  query: z.strictObject({
    limit: z.coerce.number().int().min(1).max(500).default(50),
    severity: z.enum(SEVERITIES).optional().meta({ description: 'This severity alone.' }),
    unacked: z
      .enum(['true', 'false'])
      .default('false')
      .meta({ description: 'Only what nobody has taken up.' }),
  }),
  response: z.object({ notifications: z.array(notificationView) }),
  handle: async ({ reader }: NotifyDeps, { query }) => ({
    notifications: await reader.recent({
      limit: query.limit,
      severity: query.severity ?? null,
      unackedOnly: query.unacked === 'true',
    }),
  }),
});
