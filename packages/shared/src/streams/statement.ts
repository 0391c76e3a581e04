import { createHash } from 'node:crypto';
import type { NamedStatement } from '../postgres/queryable.ts';
import type { OutboxRow } from './outgoing.ts';
import type { TableWrite } from './processor.ts';
import { TableWriteError } from './stream-errors.ts';

export interface ParkedRow {
  readonly grp: string;
  readonly stream: string;
  readonly entry_id: string;
  readonly event_id: string;
  readonly key: string;
  readonly type: string;
  readonly fields: readonly string[];
  readonly code: string;
  readonly error: string;
  readonly attempts: number;
}

/** What one commit writes: all of it, or nothing when the lease is not held. */
export interface Commit {
  readonly schema: string;
  readonly partition: number;
  readonly run: string;
  readonly epoch: number;
  readonly grp: string;
  readonly inbox: readonly string[];
  readonly outbox: readonly OutboxRow[];
  readonly writes: readonly TableWrite[];
  readonly parked: readonly ParkedRow[];
  /** Positions of parked rows to delete. */
  readonly unparked: readonly string[];
  /** Outbox rows up to `to` are published, those up to `from` were marked before. */
  readonly published: { readonly from: number; readonly to: number } | null;
}

const NAME = /^[a-z_][a-z0-9_]{0,62}$/;
const SHAPES_MAX = 500;
/** Statement names by text: the same shape is parsed by the server once per connection. */
const names = new Map<string, string>();

/**
 * One statement whose parts all join the lease: `held` is 0 and nothing is written when another holds it. Rows come
 * as JSON and take their column types from the table, so the text depends on the shape alone and is prepared.
 * @throws TableWriteError when rows of one write name different columns, or a table or column name is no identifier.
 */
export function commitStatement(commit: Commit): NamedStatement {
  const text = new StatementText(commit);
  text.addInbox();
  text.addOutbox();
  text.addParked();
  text.addPublished();
  for (const write of mergeWrites(commit.writes)) text.addWrite(write);
  return text.build();
}

class StatementText {
  readonly #commit: Commit;
  readonly #values: unknown[];
  readonly #parts: string[];

  constructor(commit: Commit) {
    this.#commit = commit;
    this.#values = [commit.partition, commit.run, commit.epoch];
    this.#parts = [
      `lease AS (SELECT 1 FROM "${commit.schema}".leases WHERE partition = $1 AND run = $2 AND epoch = $3 FOR SHARE)`,
    ];
  }

  addInbox(): void {
    const { inbox, grp } = this.#commit;
    if (inbox.length === 0) return;
    this.#insert(
      'inbox',
      '(run, grp, event_id)',
      `SELECT $2, ${this.#bind(grp)}, id FROM unnest(${this.#bind(inbox)}::text[]) id, lease`,
    );
  }

  addOutbox(): void {
    const { outbox } = this.#commit;
    if (outbox.length === 0) return;
    const columns = [
      `${this.#bind(outbox.map((row) => row.seq))}::bigint[]`,
      `${this.#bind(outbox.map((row) => row.eventId))}::text[]`,
      `${this.#bind(outbox.map((row) => row.stream))}::text[]`,
      `${this.#bind(outbox.map((row) => row.target))}::int[]`,
      `${this.#bind(outbox.map((row) => JSON.stringify(row.fields)))}::json[]`,
    ];
    this.#insert(
      'outbox',
      '(run, partition, seq, event_id, stream, target, fields)',
      `SELECT $2, $1, r.* FROM unnest(${columns.join(', ')}) r, lease`,
    );
  }

  addParked(): void {
    const { parked, unparked, schema } = this.#commit;
    if (parked.length > 0) {
      const columns = 'grp, stream, entry_id, event_id, key, type, fields, code, error, attempts';
      this.#insert(
        'parked',
        `(run, partition, ${columns})`,
        `SELECT $2, $1, ${columns} FROM json_to_recordset(${this.#bind(json(parked))}::json)
           AS r(grp text, stream text, entry_id text, event_id text, key text, type text, fields json, code text,
                error text, attempts int), lease ON CONFLICT (run, partition, event_id) DO NOTHING`,
      );
    }
    if (unparked.length === 0) return;
    this.#part(
      `DELETE FROM "${schema}".parked p USING lease WHERE p.position = ANY(${this.#bind(unparked)}::bigint[])`,
    );
  }

  addPublished(): void {
    const { published, schema } = this.#commit;
    if (published === null) return;
    const from = this.#bind(published.from);
    const to = this.#bind(published.to);
    this.#part(
      `UPDATE "${schema}".outbox o SET published_at = now() FROM lease
       WHERE o.run = $2 AND o.partition = $1 AND o.seq > ${from} AND o.seq <= ${to} AND o.published_at IS NULL`,
    );
  }

  addWrite(write: TableWrite): void {
    const columns = columnsOf(write);
    const table = quoteTable(write.table);
    const rows = `json_populate_recordset(NULL::${table}, ${this.#bind(json(write.rows))}::json) r, lease`;
    if (write.mode === 'delete') {
      const match = write.key.map((column) => `t.${quote(column)} = r.${quote(column)}`).join(' AND ');
      this.#part(`DELETE FROM ${table} t USING ${rows} WHERE ${match}`);
      return;
    }
    const names = columns.map(quote).join(', ');
    const source = columns.map((column) => `r.${quote(column)}`).join(', ');
    this.#part(`INSERT INTO ${table} (${names}) SELECT ${source} FROM ${rows}${onConflict(write, columns)}`);
  }

  build(): NamedStatement {
    const text = `WITH ${this.#parts.join(',\n')}\nSELECT count(*)::int AS held FROM lease`;
    return { name: nameOf(text), text, values: this.#values };
  }

  #insert(table: string, columns: string, select: string): void {
    this.#part(`INSERT INTO "${this.#commit.schema}".${table} ${columns} ${select}`);
  }

  #part(sql: string): void {
    this.#parts.push(`p${this.#parts.length} AS (${sql})`);
  }

  #bind(value: unknown): string {
    this.#values.push(value);
    return `$${this.#values.length}`;
  }
}

function onConflict(write: TableWrite, columns: readonly string[]): string {
  if (write.mode === 'insert') return '';
  const key = write.key.map(quote).join(', ');
  if (write.mode === 'ignore') return ` ON CONFLICT (${key}) DO NOTHING`;
  const others = columns.filter((column) => !write.key.includes(column));
  if (others.length === 0) return ` ON CONFLICT (${key}) DO NOTHING`;
  const set = others.map((column) => `${quote(column)} = excluded.${quote(column)}`).join(', ');
  return ` ON CONFLICT (${key}) DO UPDATE SET ${set}`;
}

type Row = TableWrite['rows'][number];

/**
 * One statement may touch a row once. Rows of a key are reduced to the last one that was returned, over all upserts,
 * ignores and deletes of the table; writes of the same table and mode become one.
 */
export function mergeWrites(writes: readonly TableWrite[]): TableWrite[] {
  const nonEmpty = writes.filter((write) => write.rows.length > 0);
  const first = nonEmpty[0];
  if (first === undefined) return [];
  if (nonEmpty.length === 1 && first.mode === 'insert') return [first];
  const merged: TableWrite[] = [];
  for (const table of new Set(nonEmpty.map((write) => write.table))) {
    merged.push(...mergeTable(nonEmpty.filter((write) => write.table === table)));
  }
  return merged;
}

function mergeTable(writes: readonly TableWrite[]): TableWrite[] {
  const byKey = new Map<string, { write: TableWrite; row: Row }>();
  const inserts: TableWrite[] = [];
  for (const write of writes) {
    if (write.mode === 'insert') inserts.push(write);
    else for (const row of write.rows) byKey.set(keyOf(write, row), { write, row });
  }
  const groups = new Map<string, { write: TableWrite; rows: Row[] }>();
  for (const { write, row } of byKey.values()) {
    const id = `${write.mode ?? 'upsert'} ${write.key.join(',')}`;
    const group = groups.get(id) ?? { write, rows: [] };
    group.rows.push(row);
    groups.set(id, group);
  }
  return [...inserts, ...[...groups.values()].map(({ write, rows }) => ({ ...write, rows }))];
}

function keyOf(write: TableWrite, row: Row): string {
  if (write.key.length === 0) {
    throw new TableWriteError(`${write.table}: mode ${write.mode ?? 'upsert'} needs the key's columns`);
  }
  const values = write.key.map((column) => {
    if (row[column] === undefined) throw new TableWriteError(`${write.table}: a row lacks its key ${column}`);
    return String(row[column]);
  });
  return JSON.stringify(values);
}

function columnsOf(write: TableWrite): string[] {
  const columns = Object.keys(write.rows[0] ?? {});
  if (write.mode === 'delete') return columns;
  for (const row of write.rows) {
    const differs = Object.keys(row).length !== columns.length || columns.some((column) => !(column in row));
    if (differs) {
      throw new TableWriteError(`${write.table}: rows of one write name different columns`, {
        context: { table: write.table, first: columns, other: Object.keys(row) },
      });
    }
  }
  return columns;
}

function quoteTable(table: string): string {
  const parts = table.split('.');
  if (parts.length !== 2) throw new TableWriteError(`table "${table}" must be named schema.table`);
  return parts.map(quote).join('.');
}

function quote(name: string): string {
  if (!NAME.test(name)) throw new TableWriteError(`"${name}" is no lower-case identifier`);
  return `"${name}"`;
}

/** bigint has no JSON form of its own; Postgres reads the digits. A replacer is slow, so only where it is needed. */
function json(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? part.toString() : part));
  }
}

function nameOf(text: string): string {
  const known = names.get(text);
  if (known !== undefined) return known;
  // Without a name it is parsed each time: better than ever more prepared statements on the server.
  if (names.size >= SHAPES_MAX) return '';
  const name = `commit_${createHash('sha1').update(text).digest('base64url')}`;
  names.set(text, name);
  return name;
}
