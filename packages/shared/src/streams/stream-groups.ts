import type { Redis } from 'ioredis';
import type { StreamSource } from './stream-source.ts';

/** Creates the streams and groups that a runner reads, at 0: whatever was written before is read too. */
export async function ensureGroups(redis: Redis, sources: readonly StreamSource[]): Promise<void> {
  await Promise.all(
    sources.map(async ({ key, group }) => {
      try {
        await redis.xgroup('CREATE', key, group, '0', 'MKSTREAM');
      } catch (error) {
        if (!(error instanceof Error && error.message.startsWith('BUSYGROUP'))) throw error;
      }
    }),
  );
}

export interface GroupState {
  readonly name: string;
  readonly pending: number;
  readonly lastDeliveredId: string;
  /** Null when Redis cannot tell: an alarm, not 0. */
  readonly lag: number | null;
  readonly consumers: number;
}

/** Groups of a stream; none when the stream does not exist. */
export async function readGroups(redis: Redis, key: string): Promise<GroupState[]> {
  let reply: unknown;
  try {
    reply = await redis.xinfo('GROUPS', key);
  } catch (error) {
    if (error instanceof Error && /no such key/i.test(error.message)) return [];
    throw error;
  }
  return (reply as unknown[][]).map(asGroup);
}

function asGroup(flat: readonly unknown[]): GroupState {
  const byName = new Map<unknown, unknown>();
  for (let i = 0; i + 1 < flat.length; i += 2) byName.set(flat[i], flat[i + 1]);
  const lag = byName.get('lag');
  return {
    name: String(byName.get('name')),
    pending: Number(byName.get('pending')),
    lastDeliveredId: String(byName.get('last-delivered-id')),
    lag: lag === null || lag === undefined ? null : Number(lag),
    consumers: Number(byName.get('consumers')),
  };
}

/** Smallest id that a group was handed and has not acknowledged. */
export async function lowestPending(redis: Redis, key: string, group: string): Promise<string | null> {
  const [, lowest] = (await redis.xpending(key, group)) as [number, string | null];
  return lowest;
}
