import type { Redis } from 'ioredis';
import type { Queryable } from '../postgres/queryable.ts';
import type { Subscription } from './catalog.ts';
import { CONTROL_STREAM, groupName, physicalKey } from './keys.ts';
import { PartitionCountError } from './stream-errors.ts';
import { readGroups } from './stream-groups.ts';

export interface PartitionCountScope {
  readonly db: Queryable;
  readonly redis: Redis;
  readonly schema: string;
  readonly group: string;
  readonly partitions: number;
  readonly subscriptions: readonly Subscription[];
}

const SETTING = 'partitions';

/**
 * The count is recorded at the first start. Another one would send a key's next entries to another partition while
 * earlier ones wait in the old: it is taken over only when nothing waits anywhere.
 * @throws PartitionCountError naming what is left.
 */
export async function assertPartitionCount(scope: PartitionCountScope): Promise<void> {
  const recorded = await readOrRecord(scope);
  if (recorded === scope.partitions) return;
  const left = [...(await unpublished(scope)), ...(await undrained(scope, recorded))];
  if (left.length > 0) {
    throw new PartitionCountError(
      `partitions were ${recorded} and are now ${scope.partitions}, but still to do: ${left.join('; ')}`,
      { context: { recorded, configured: scope.partitions, left } },
    );
  }
  await scope.db.query(`UPDATE "${scope.schema}".kit_settings SET value = $2 WHERE name = $1`, [
    SETTING,
    String(scope.partitions),
  ]);
}

async function readOrRecord(scope: PartitionCountScope): Promise<number> {
  await scope.db.query(
    `INSERT INTO "${scope.schema}".kit_settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING`,
    [SETTING, String(scope.partitions)],
  );
  const { rows } = await scope.db.query<{ value: string }>(
    `SELECT value FROM "${scope.schema}".kit_settings WHERE name = $1`,
    [SETTING],
  );
  return Number(rows[0]?.value);
}

async function unpublished(scope: PartitionCountScope): Promise<string[]> {
  const { rows } = await scope.db.query<{ unpublished: string; parked: string; leases: string }>(
    `SELECT (SELECT count(*) FROM "${scope.schema}".outbox WHERE published_at IS NULL) AS unpublished,
            (SELECT count(*) FROM "${scope.schema}".parked) AS parked,
            (SELECT count(*) FROM "${scope.schema}".leases WHERE expires_at > clock_timestamp()) AS leases`,
  );
  const counts = rows[0];
  return [
    ...(counts?.unpublished === '0' ? [] : [`${counts?.unpublished} outbox rows to publish`]),
    ...(counts?.parked === '0' ? [] : [`${counts?.parked} parked entries to requeue or drop`]),
    ...(counts?.leases === '0' ? [] : [`${counts?.leases} leases held under the recorded count`]),
  ];
}

async function undrained(scope: PartitionCountScope, recorded: number): Promise<string[]> {
  const left: string[] = [];
  const subscriptions = [...scope.subscriptions, { stream: CONTROL_STREAM, partitions: 'own' as const }];
  for (const { stream, partitions } of subscriptions) {
    for (let partition = 0; partition < recorded; partition += 1) {
      const key = physicalKey(stream, partition);
      const ours = new Set(
        Array.from({ length: recorded }, (_, owner) => groupName(scope.group, owner, recorded, partitions)),
      );
      for (const group of await readGroups(scope.redis, key)) {
        const isDrained = group.lag === 0 && group.pending === 0;
        if (ours.has(group.name) && !isDrained) {
          left.push(`${key} (${group.name}): lag ${group.lag ?? 'unknown'}, pending ${group.pending}`);
        }
      }
    }
  }
  return left;
}
