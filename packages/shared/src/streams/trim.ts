import type { Redis } from 'ioredis';
import type { Catalog } from './catalog.ts';
import { CONTROL_STREAM, compareEntryIds, deadLetterStream, nextEntryId, physicalKey } from './keys.ts';
import { type GroupState, lowestPending, readGroups } from './stream-groups.ts';

export interface TrimOptions {
  readonly catalog: Catalog;
  readonly partitions: number;
  /** Entries stay at least this long. */
  readonly streamRetentionMs: number;
  readonly deadLetterRetentionMs: number;
}

export interface Trimmed {
  readonly key: string;
  readonly removed: number;
  /** Why nothing may be removed: a group that should exist and does not. */
  readonly missingGroup: string | null;
}

/**
 * Removes what every group of the catalog has read and acknowledged and what is older than the retention time; never
 * by length. A group that should exist and does not stops the trimming of its stream.
 */
export async function trimStreams(redis: Redis, options: TrimOptions): Promise<Trimmed[]> {
  const [seconds] = await redis.time();
  const now = Number(seconds) * 1_000;
  const trimmed: Trimmed[] = [];
  for (let partition = 0; partition < options.partitions; partition += 1) {
    for (const stream of options.catalog.streams) {
      const key = physicalKey(stream, partition);
      const groups = options.catalog.groupsOf(stream, partition);
      trimmed.push(await trimRead(redis, key, groups, now - options.streamRetentionMs, options.partitions));
      const dead = physicalKey(deadLetterStream(stream), partition);
      await redis.xtrim(dead, 'MINID', `${now - options.deadLetterRetentionMs}-0`);
    }
    await redis.xtrim(
      physicalKey(CONTROL_STREAM, partition),
      'MINID',
      `${now - options.deadLetterRetentionMs}-0`,
    );
  }
  return trimmed;
}

async function trimRead(
  redis: Redis,
  key: string,
  expected: readonly string[],
  retainFrom: number,
  partitions: number,
): Promise<Trimmed> {
  const groups = await readGroups(redis, key);
  const missing = missingGroup(groups, expected, partitions);
  if (groups.length === 0 || missing !== null) return { key, removed: 0, missingGroup: missing };
  let keepFrom = `${retainFrom}-0`;
  for (const group of groups) {
    const needed = await neededFrom(redis, key, group);
    if (compareEntryIds(needed, keepFrom) < 0) keepFrom = needed;
  }
  return { key, removed: await redis.xtrim(key, 'MINID', keepFrom), missingGroup: null };
}

/** The first id that this group has not acknowledged. */
async function neededFrom(redis: Redis, key: string, group: GroupState): Promise<string> {
  const lowest = group.pending > 0 ? await lowestPending(redis, key, group.name) : null;
  return lowest ?? nextEntryId(group.lastDeliveredId);
}

/** A group may read as itself or, where it reads all partitions, as one group for each of them. */
function missingGroup(
  groups: readonly GroupState[],
  expected: readonly string[],
  partitions: number,
): string | null {
  const present = new Set(groups.map((group) => group.name));
  for (const name of expected) {
    if (present.has(name)) continue;
    const owners = Array.from({ length: partitions }, (_, owner) => `${name}.${owner}`);
    const absent = partitions === 1 ? name : owners.find((owner) => !present.has(owner));
    if (absent !== undefined) return absent;
  }
  return null;
}
