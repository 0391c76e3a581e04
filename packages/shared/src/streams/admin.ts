import type { Redis } from 'ioredis';
import type { Catalog } from './catalog.ts';
import { sendControl } from './control.ts';
import { type DeadLetter, deadLetter, isReadable, type LetterPlace } from './dead-letter.ts';
import { deadLetterStream, entryTime, physicalKey } from './keys.ts';
import { LetterUnreadableError, NothingParkedError } from './stream-errors.ts';
import { lowestPending, readGroups } from './stream-groups.ts';

export interface PendingOfGroup {
  readonly stream: string;
  readonly partition: number;
  readonly group: string;
  /** Read and not acknowledged. */
  readonly pending: number;
  /** Seconds since the oldest of them was written; null without one. */
  readonly oldestAgeSeconds: number | null;
  /** Not read yet; null when Redis cannot tell. */
  readonly lag: number | null;
  readonly consumers: number;
  readonly lastDeliveredId: string;
  /** False for a group that the catalog names and Redis does not have: its stream is not trimmed. */
  readonly exists: boolean;
}

export interface StreamAdmin {
  /** Every group of every stream of the catalog. */
  pending(): Promise<PendingOfGroup[]>;
  /** Dead letters, newest first, at most `limit` (100) of each stream. One that cannot be read is listed as such. */
  dlqList(stream?: string, limit?: number): Promise<DeadLetter[]>;
  /**
   * Asks the service that parked it to take the letter's key back; resolves when the request is written.
   * @throws LetterUnreadableError, NothingParkedError
   */
  requestRequeue(deadLetterId: string): Promise<DeadLetter>;
  /** Asks the service that parked it to give the letter's key up. */
  requestDrop(deadLetterId: string): Promise<DeadLetter>;
}

/**
 * What an operator sees and asks for across all services, through Redis alone. A letter stays listed until its
 * retention ends, also after it was taken back; taking it back twice changes nothing.
 */
export function redisStreamAdmin(redis: Redis, catalog: Catalog, partitions = 1): StreamAdmin {
  const places = catalog.streams.flatMap((stream) =>
    Array.from({ length: partitions }, (_, partition) => ({
      stream,
      partition,
      groups: catalog.groupsOf(stream, partition),
    })),
  );
  const find = (id: string) => findLetter(redis, places, id);
  const ask = async (id: string, type: 'dlq.requeue.requested' | 'dlq.drop.requested') => {
    const letter = await find(id);
    if (!isReadable(letter)) throw new LetterUnreadableError(`${id}: ${letter.error}`);
    await sendControl(redis, letter.partition, {
      type,
      group: letter.group,
      idOrKey: letter.key === '' ? letter.eventId : letter.key,
    });
    return letter;
  };
  return {
    pending: async () => (await Promise.all(places.map((place) => pendingOf(redis, catalog, place)))).flat(),
    dlqList: async (stream, limit = 100) => {
      const wanted = places.filter((place) => stream === undefined || place.stream === stream);
      return (await Promise.all(wanted.map((place) => letters(redis, place, limit)))).flat();
    },
    requestRequeue: (id) => ask(id, 'dlq.requeue.requested'),
    requestDrop: (id) => ask(id, 'dlq.drop.requested'),
  };
}

async function pendingOf(redis: Redis, catalog: Catalog, place: LetterPlace): Promise<PendingOfGroup[]> {
  const { stream, partition } = place;
  const key = physicalKey(stream, partition);
  const groups = await readGroups(redis, key);
  const listed = groups.map(async (group): Promise<PendingOfGroup> => {
    const { name, pending, lag, consumers, lastDeliveredId } = group;
    const lowest = pending > 0 ? await lowestPending(redis, key, name) : null;
    const oldestAgeSeconds = lowest === null ? null : await ageSeconds(redis, lowest);
    return {
      stream,
      partition,
      group: name,
      pending,
      oldestAgeSeconds,
      lag,
      consumers,
      lastDeliveredId,
      exists: true,
    };
  });
  const present = groups.map(({ name }) => name);
  const absent = catalog
    .groupsOf(stream, partition)
    .filter((group) => !present.some((name) => name === group || name.startsWith(`${group}.`)))
    .map((group): PendingOfGroup => ({ ...ABSENT, stream, partition, group }));
  return [...(await Promise.all(listed)), ...absent];
}

const ABSENT = {
  pending: 0,
  oldestAgeSeconds: null,
  lag: null,
  consumers: 0,
  lastDeliveredId: '0-0',
  exists: false,
} as const;

/** By the server's own clock, which also wrote the id. */
async function ageSeconds(redis: Redis, id: string): Promise<number> {
  const [seconds] = await redis.time();
  return Math.max(0, Number(seconds) - entryTime(id) / 1_000);
}

async function letters(redis: Redis, place: LetterPlace, limit: number): Promise<DeadLetter[]> {
  const key = physicalKey(deadLetterStream(place.stream), place.partition);
  const entries = await redis.xrevrange(key, '+', '-', 'COUNT', limit);
  return entries.map(([id, fields]) => deadLetter(place, id, fields));
}

async function findLetter(redis: Redis, places: readonly LetterPlace[], id: string): Promise<DeadLetter> {
  const [stream, partition, entryId] = id.split('/');
  const place = places.find((each) => each.stream === stream && String(each.partition) === partition);
  if (place !== undefined && entryId !== undefined && /^\d+-\d+$/.test(entryId)) {
    const key = physicalKey(deadLetterStream(place.stream), place.partition);
    const [found] = await redis.xrange(key, entryId, entryId);
    if (found !== undefined) return deadLetter(place, found[0], found[1]);
  }
  throw new NothingParkedError(`there is no dead letter ${id}`);
}
