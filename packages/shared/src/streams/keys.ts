/** The braces make the partition the Redis Cluster hash tag: all keys of a partition share a slot. */
export function physicalKey(stream: string, partition: number): string {
  return `${stream}:{${partition}}`;
}

export function deadLetterStream(stream: string): string {
  return `${stream}.dlq`;
}

/** Requests to runners (take parked entries back, drop them), read by each for itself. */
export const CONTROL_STREAM = 'fleet.control';

/** Group under which a partition's runner reads: its own when it reads the partitions of others too. */
export function groupName(
  group: string,
  partition: number,
  partitions: number,
  reads: 'own' | 'all',
): string {
  return reads === 'all' && partitions > 1 ? `${group}.${partition}` : group;
}

/**
 * Name under which a partition records what it has applied. A command is written to every partition under one id, so
 * with more than one partition each needs a record of its own.
 */
export function inboxGroup(group: string, partition: number, partitions: number): string {
  return partitions > 1 ? `${group}.${partition}` : group;
}

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** Partition (0 to partitions − 1) of a key: 32-bit FNV-1a over UTF-16 code units, the same in every process. */
export function partitionOf(key: string, partitions: number): number {
  let hash = FNV_OFFSET;
  for (let i = 0; i < key.length; i += 1) hash = Math.imul(hash ^ key.charCodeAt(i), FNV_PRIME) >>> 0;
  return hash % partitions;
}

/** −1, 0 or 1 for two stream entry ids `<milliseconds>-<sequence>`. */
export function compareEntryIds(left: string, right: string): number {
  const [leftTime, leftSequence] = split(left);
  const [rightTime, rightSequence] = split(right);
  return Math.sign(leftTime - rightTime) || Math.sign(leftSequence - rightSequence);
}

/** The smallest id above this one. */
export function nextEntryId(id: string): string {
  const [time, sequence] = split(id);
  return `${time}-${sequence + 1}`;
}

/** Milliseconds since 1970 by the Redis server's clock. */
export function entryTime(id: string): number {
  return split(id)[0];
}

function split(id: string): [number, number] {
  const dash = id.indexOf('-');
  return dash < 0 ? [Number(id), 0] : [Number(id.slice(0, dash)), Number(id.slice(dash + 1))];
}
