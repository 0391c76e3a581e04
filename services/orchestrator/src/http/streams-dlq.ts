import { endpoint } from '@fleet/shared/http';
import { z } from 'zod';
import type { OrchestratorDeps } from './deps.ts';

export const letterSchema = z
  .object({
    id: z.string().meta({ description: 'What a requeue takes.' }),
    stream: z.string(),
    group: z.string(),
    partition: z.int(),
    run: z.string(),
    entryId: z.string(),
    eventId: z.string(),
    key: z.string(),
    type: z.string(),
    code: z.string(),
    error: z.string(),
    attempts: z.int(),
    at: z.string(),
  })
  .meta({ id: 'DeadLetter' });

export const getDeadLetters = endpoint({
  method: 'get',
  path: '/admin/streams/dlq',
  summary: 'Dead letters of all streams, newest first, with the error that set them aside',
  description:
    'A letter stays listed until its retention ends, also after it was taken back. One that no service can have written ' +
    'so is listed with the code LETTER_UNREADABLE and is never taken back.',
  tags: ['admin'],
  query: z.strictObject({
    stream: z.string().max(60).optional(),
    limit: z.coerce.number().int().min(1).max(500).default(100).meta({ description: 'Of each stream.' }),
  }),
  response: z.object({ letters: z.array(letterSchema) }),
  handle: async ({ streams }: OrchestratorDeps, { query: { stream, limit } }) => {
    const letters = await streams.dlqList(stream, limit);
    // What the entry carried may be anything: it stays in the store.
    return { letters: letters.map(({ payload: _payload, ...letter }) => letter) };
  },
});
