import { z } from 'zod';
import { entryTime } from './keys.ts';
import { LetterUnreadableError } from './stream-errors.ts';

export interface DeadLetter {
  /** `<stream>/<partition>/<id in the dead-letter stream>`: what requestRequeue takes. */
  readonly id: string;
  readonly stream: string;
  /** The service that set it aside; empty where the letter cannot be read. */
  readonly group: string;
  readonly partition: number;
  readonly run: string;
  readonly entryId: string;
  readonly eventId: string;
  readonly key: string;
  readonly type: string;
  /** The entry's fields as they were read, name and value in turn. */
  readonly payload: readonly string[];
  /** `LETTER_UNREADABLE` where the letter itself cannot be read; `error` then says why. */
  readonly code: string;
  readonly error: string;
  readonly attempts: number;
  /** ISO 8601 UTC. */
  readonly at: string;
}

/** Where a letter lies, which is trusted, unlike what it says. */
export interface LetterPlace {
  readonly stream: string;
  readonly partition: number;
  /** Who reads the stream; nobody else has letters here. */
  readonly groups: readonly string[];
}

const word = z.string().max(1_000);
const letterSchema = z.object({
  stream: word,
  group: word.min(1),
  partition: z.coerce.number(),
  run: word,
  entryId: word,
  eventId: word,
  key: word,
  type: word,
  payload: z.array(z.string()),
  code: word.min(1),
  error: z.string(),
  attempts: z.coerce.number().int().min(0),
  at: z.iso.datetime(),
});

/** Never throws: several services may write here, and one bad letter must not hide the others. */
export function deadLetter(place: LetterPlace, entryId: string, fields: readonly string[]): DeadLetter {
  const id = `${place.stream}/${place.partition}/${entryId}`;
  const parsed = letterSchema.safeParse(readFields(fields));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return unreadable(place, id, `${issue?.path.join('.')}: ${issue?.message}`);
  }
  const letter = parsed.data;
  if (letter.stream !== place.stream || letter.partition !== place.partition)
    return unreadable(place, id, 'it names another stream or partition than the one it lies in');
  if (!place.groups.includes(letter.group))
    return unreadable(place, id, `${letter.group.slice(0, 60)} does not read ${place.stream}`);
  if (letter.code === LetterUnreadableError.code)
    return unreadable(place, id, 'it bears the code of an unreadable letter itself');
  return { id, ...letter };
}

export function isReadable({ code }: DeadLetter): boolean {
  return code !== LetterUnreadableError.code;
}

function readFields(fields: readonly string[]): Record<string, unknown> {
  const read: Record<string, unknown> = {};
  for (let i = 0; i + 1 < fields.length; i += 2) read[fields[i] ?? ''] ??= fields[i + 1];
  return { ...read, payload: parsedJson(read['payload']) };
}

function parsedJson(text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    return undefined;
  }
}

function unreadable({ stream, partition }: LetterPlace, id: string, reason: string): DeadLetter {
  const at = new Date(entryTime(id.slice(id.lastIndexOf('/') + 1)));
  return {
    ...{ id, stream, partition, group: '', run: '', entryId: '', eventId: '', key: '', type: '' },
    ...{ payload: [], attempts: 0, code: LetterUnreadableError.code, error: reason },
    // Whoever may write here also chooses ids, up to times that no calendar has.
    at: Number.isNaN(at.getTime()) ? '' : at.toISOString(),
  };
}
