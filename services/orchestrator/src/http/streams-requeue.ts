import { endpoint } from '@fleet/shared/http';
import {
  type DeadLetter,
  isReadable,
  LetterUnreadableError,
  NothingParkedError,
  type StreamAdmin,
} from '@fleet/shared/streams';
import { z } from 'zod';
import { type OrchestratorDeps, personsInput } from './deps.ts';
import { letterSchema } from './streams-dlq.ts';

const LETTERS_MAX = 500;

export const postRequeue = endpoint({
  method: 'post',
  path: '/admin/streams/dlq/requeue',
  summary: 'Give a dead letter back to its consumer, with the later entries of its key in their order',
  description:
    'Give `id` (of the letter or of its event) or `key`. The service that set it aside takes it back; an effect that ' +
    'did happen is not repeated. The answer names what was asked for; whether it passes shows in the list and in /status.',
  tags: ['admin'],
  body: z
    .strictObject({ id: z.string().min(1).max(200).optional(), key: z.string().min(1).max(200).optional() })
    .refine(({ id, key }) => (id === undefined) !== (key === undefined), 'give either id or key'),
  status: 202,
  response: z.object({ requested: z.array(letterSchema) }),
  errors: ['NOTHING_PARKED', 'LETTER_UNREADABLE', 'NOT_LEADER', 'QUEUE_FULL'],
  handle: async (deps: OrchestratorDeps, { body, context }) => {
    const wanted = await lettersOf(deps.streams, body);
    const input = personsInput(deps, context, { reason: 'requeue', actor: context.address });
    const letters = wanted.map(({ id, stream, group, key, eventId }) => ({
      id,
      stream,
      group,
      key,
      eventId,
    }));
    await deps.submit('person.requeue', `person.requeue:${input.requestId}`, { ...input, letters }, context);
    for (const { id } of wanted) await deps.streams.requestRequeue(id);
    return { requested: wanted.map(({ payload: _payload, ...letter }) => letter) };
  },
});

interface Wanted {
  readonly id?: string | undefined;
  readonly key?: string | undefined;
}

/** One letter a consumer: it takes back the whole key by itself. @throws NOTHING_PARKED, LETTER_UNREADABLE */
async function lettersOf(streams: StreamAdmin, { id, key }: Wanted): Promise<DeadLetter[]> {
  const all = await streams.dlqList(undefined, LETTERS_MAX);
  const found = all.filter((letter) => letter.id === id || letter.eventId === id || letter.key === key);
  const unreadable = found.find((letter) => !isReadable(letter));
  if (unreadable !== undefined) throw new LetterUnreadableError(`${unreadable.id}: ${unreadable.error}`);
  const one = new Map(found.map((letter) => [`${letter.group} ${letter.partition} ${letter.key}`, letter]));
  if (one.size === 0) throw new NothingParkedError(`there is no dead letter of ${id ?? `key ${key}`}`);
  return [...one.values()];
}
