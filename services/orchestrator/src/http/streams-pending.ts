import { endpoint } from '@fleet/shared/http';
import { z } from 'zod';
import type { OrchestratorDeps } from './deps.ts';

const groupSchema = z
  .object({
    stream: z.string(),
    partition: z.int(),
    group: z.string(),
    pending: z.int().meta({ description: 'Read and not acknowledged.' }),
    oldestAgeSeconds: z.number().nullable(),
    lag: z.int().nullable().meta({ description: 'Not read yet; null when Redis cannot tell.' }),
    consumers: z.int(),
    lastDeliveredId: z.string(),
    exists: z
      .boolean()
      .meta({ description: 'False for a group that should be there: its stream is not trimmed.' }),
  })
  .meta({ id: 'PendingOfGroup' });

export const getPending = endpoint({
  method: 'get',
  path: '/admin/streams/pending',
  summary: 'How far each group of each stream is',
  tags: ['admin'],
  response: z.object({ groups: z.array(groupSchema) }),
  handle: async ({ streams }: OrchestratorDeps) => ({ groups: await streams.pending() }),
});
