import type { Redis } from 'ioredis';
import type { Queryable } from '../postgres/queryable.ts';
import { Appends, appendRuns } from './appends.ts';
import { redisRunId } from './connection.ts';
import { physicalKey } from './keys.ts';
import type { OutboxRow } from './outgoing.ts';
import { NotLeaderError } from './stream-errors.ts';

export interface OutboxScope {
  readonly db: Queryable;
  readonly redis: Redis;
  readonly schema: string;
  readonly group: string;
  readonly run: string;
  readonly partition: number;
  readonly partitions: number;
  /** Ends the work between two pages. */
  mayContinue(): boolean;
}

export interface Published {
  /** Rows that were sent (again). */
  readonly rows: number;
  /** Every row up to this one is in Redis. */
  readonly seq: number;
  /** Redis is another one, or lost what it had: what was read from it before is void. */
  readonly redisChanged: boolean;
  readonly redisRunId: string;
}

const PAGE = 1_024;
/** Redis with appendfsync everysec loses about one second; ten are repeated. */
const REPEAT_MS = 10_000;

/** Tells how far this publisher's rows have come, in the slot of the partition that it wrote to. */
export function markerKey(scope: { group: string; partition: number }, target: number): string {
  return `fleet.published.${scope.group}.${scope.partition}:{${target}}`;
}

export function markerValue(run: string, seq: number): string {
  return `${seq} ${run}`;
}

/**
 * Publishes what the outbox still holds, in order of seq, before anything new: rows that were never marked; after a
 * change of Redis also those published within 10 s of the newest one and those behind the marker; where Redis or a
 * stream of ours is gone, all that are kept. Repetitions are harmless: every inbox knows the ids.
 */
export async function publishLeftovers(scope: OutboxScope): Promise<Published> {
  const appends = new Appends(scope.redis);
  const runId = await redisRunId(scope.redis);
  const plan = await planRepetition(scope, runId);
  let cursor = await firstSeq(scope, plan);
  let sent = 0;
  for (;;) {
    if (!scope.mayContinue()) throw new NotLeaderError();
    const page = await readPage(scope, cursor);
    const rows = page.filter((row) => row.unpublished || plan.isLost(row));
    for (const run of appendRuns(rows)) await append(scope, appends, run);
    sent += rows.length;
    cursor = page.at(-1)?.seq ?? cursor;
    if (page.length < PAGE) break;
  }
  await settle(scope, cursor, runId);
  return { rows: sent, seq: cursor, redisChanged: plan.changed, redisRunId: runId };
}

interface Repetition {
  readonly changed: boolean;
  /** Rows up to this seq are in Redis for certain. */
  readonly safeSeq: number;
  isLost(row: OutboxRow): boolean;
}

async function planRepetition(scope: OutboxScope, runId: string): Promise<Repetition> {
  const markers = await readMarkers(scope);
  const known = await readSetting(scope, settingName(scope));
  const changed = known !== undefined && known !== runId;
  const anyMissing = markers.includes(null);
  if (!changed && !anyMissing) return { changed, safeSeq: Number.POSITIVE_INFINITY, isLost: () => false };
  const recent = await seqBeforeRecent(scope);
  const safe = markers.map((marker) => (marker === null ? 0 : Math.min(marker, changed ? recent : marker)));
  const gone = await goneStreams(scope);
  return {
    changed: changed || (anyMissing && known !== undefined),
    safeSeq: gone.size > 0 ? 0 : Math.min(...safe),
    isLost: (row) => row.seq > (safe[row.target] ?? 0) || gone.has(physicalKey(row.stream, row.target)),
  };
}

/** By target partition: the seq up to which it has our rows; null when there is no marker of this run. */
async function readMarkers(scope: OutboxScope): Promise<(number | null)[]> {
  const targets = Array.from({ length: scope.partitions }, (_, target) => target);
  const values = await Promise.all(targets.map((target) => scope.redis.get(markerKey(scope, target))));
  return values.map((value) => {
    const [seq, run] = value?.split(' ') ?? [];
    return run === scope.run ? Number(seq) : null;
  });
}

async function seqBeforeRecent(scope: OutboxScope): Promise<number> {
  const { rows } = await scope.db.query<{ seq: string | null }>(
    `SELECT min(seq) AS seq FROM "${scope.schema}".outbox WHERE run = $1 AND partition = $2 AND published_at >=
       (SELECT max(published_at) FROM "${scope.schema}".outbox WHERE run = $1 AND partition = $2)
         - $3 * interval '1 millisecond'`,
    [scope.run, scope.partition, REPEAT_MS],
  );
  const first = rows[0]?.seq;
  return first === null || first === undefined ? 0 : Number(first) - 1;
}

async function goneStreams(scope: OutboxScope): Promise<Set<string>> {
  const { rows } = await scope.db.query<{ stream: string; target: number }>(
    `SELECT DISTINCT stream, target FROM "${scope.schema}".outbox WHERE run = $1 AND partition = $2`,
    [scope.run, scope.partition],
  );
  const keys = rows.map((row) => physicalKey(row.stream, row.target));
  const exist = await Promise.all(keys.map((key) => scope.redis.exists(key)));
  return new Set(keys.filter((_, i) => exist[i] === 0));
}

async function firstSeq(scope: OutboxScope, plan: Repetition): Promise<number> {
  const { rows } = await scope.db.query<{ first: string | null; last: string | null }>(
    `SELECT (SELECT min(seq) FROM "${scope.schema}".outbox
             WHERE run = $1 AND partition = $2 AND published_at IS NULL) AS first,
            (SELECT max(seq) FROM "${scope.schema}".outbox WHERE run = $1 AND partition = $2) AS last`,
    [scope.run, scope.partition],
  );
  const last = Number(rows[0]?.last ?? 0);
  const unpublished = rows[0]?.first == null ? last : Number(rows[0].first) - 1;
  return Math.min(unpublished, plan.safeSeq);
}

type PageRow = OutboxRow & { readonly unpublished: boolean };

async function readPage(scope: OutboxScope, after: number): Promise<PageRow[]> {
  const { rows } = await scope.db.query<{
    seq: string;
    event_id: string;
    stream: string;
    target: number;
    fields: string[];
    unpublished: boolean;
  }>(
    `SELECT seq, event_id, stream, target, fields, published_at IS NULL AS unpublished
     FROM "${scope.schema}".outbox WHERE run = $1 AND partition = $2 AND seq > $3 ORDER BY seq LIMIT ${PAGE}`,
    [scope.run, scope.partition, after],
  );
  return rows.map(({ event_id: eventId, seq, ...row }) => ({ ...row, eventId, seq: Number(seq) }));
}

async function append(scope: OutboxScope, appends: Appends, rows: readonly OutboxRow[]): Promise<void> {
  const last = rows.at(-1);
  if (last === undefined) return;
  await appends.append({
    target: last.target,
    rows,
    markerKey: markerKey(scope, last.target),
    markerValue: markerValue(scope.run, last.seq),
    markerMayBeMissing: true,
  });
}

/** From here on a missing marker means that Redis lost it. */
async function settle(scope: OutboxScope, seq: number, runId: string): Promise<void> {
  for (let target = 0; target < scope.partitions; target += 1) {
    await scope.redis.set(markerKey(scope, target), markerValue(scope.run, seq));
  }
  await scope.db.query(
    `UPDATE "${scope.schema}".outbox SET published_at = now()
     WHERE run = $1 AND partition = $2 AND seq <= $3 AND published_at IS NULL`,
    [scope.run, scope.partition, seq],
  );
  await scope.db.query(
    `INSERT INTO "${scope.schema}".kit_settings (name, value) VALUES ($1, $2)
     ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE kit_settings.value <> excluded.value`,
    [settingName(scope), runId],
  );
}

function settingName(scope: OutboxScope): string {
  return `redis run_id of partition ${scope.partition}`;
}

async function readSetting(scope: OutboxScope, name: string): Promise<string | undefined> {
  const { rows } = await scope.db.query<{ value: string }>(
    `SELECT value FROM "${scope.schema}".kit_settings WHERE name = $1`,
    [name],
  );
  return rows[0]?.value;
}
