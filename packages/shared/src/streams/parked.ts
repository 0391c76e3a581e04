import type { Queryable } from '../postgres/queryable.ts';
import type { ParkedEntry } from './planner.ts';
import type { ParkedRow } from './statement.ts';

export interface ParkedScope {
  readonly schema: string;
  readonly run: string;
  readonly partition: number;
}

/** A parked entry as it is listed. */
export interface Parked extends Omit<ParkedRow, 'fields'> {
  readonly position: string;
  readonly fields: string[];
  readonly parked_at: Date;
}

export function parkedRow({ item, error }: ParkedEntry, grp: string): ParkedRow {
  const { code } = error as { code?: unknown };
  return {
    grp,
    stream: item.stream ?? '',
    entry_id: item.entryId ?? '',
    event_id: item.eventId,
    key: item.key,
    type: item.type,
    fields: item.fields,
    code: typeof code === 'string' ? code : error.name,
    error: error.message,
    attempts: item.attempts,
  };
}

/** Keys with parked entries. An entry without a readable key is parked and holds none. */
export async function heldKeys(db: Queryable, scope: ParkedScope): Promise<Set<string>> {
  const { rows } = await db.query<{ key: string }>(
    `SELECT DISTINCT key FROM "${scope.schema}".parked WHERE run = $1 AND partition = $2 AND key <> ''`,
    [scope.run, scope.partition],
  );
  return new Set(rows.map((row) => row.key));
}

const COLUMNS =
  'position, grp, stream, entry_id, event_id, key, type, fields, code, error, attempts, parked_at';

/** Parked entries in the order in which they are taken back; of one key when it is given. */
export async function listParked(
  db: Queryable,
  scope: ParkedScope,
  page: { readonly key?: string; readonly limit: number },
): Promise<Parked[]> {
  const { rows } = await db.query<Parked>(
    `SELECT ${COLUMNS} FROM "${scope.schema}".parked
     WHERE run = $1 AND partition = $2 AND ($3::text IS NULL OR key = $3) ORDER BY position LIMIT $4`,
    [scope.run, scope.partition, page.key ?? null, page.limit],
  );
  return rows;
}

/** The key that an event id, or a key itself, stands for; undefined when nothing is parked under it. */
export async function parkedKeyOf(
  db: Queryable,
  scope: ParkedScope,
  idOrKey: string,
): Promise<{ key: string; position: string } | undefined> {
  const { rows } = await db.query<{ key: string; position: string }>(
    `SELECT key, position FROM "${scope.schema}".parked
     WHERE run = $1 AND partition = $2 AND (key = $3 OR event_id = $3) ORDER BY position LIMIT 1`,
    [scope.run, scope.partition, idOrKey],
  );
  return rows[0];
}
