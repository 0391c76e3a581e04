import {
  IDEMPOTENCY_LEASE_MS,
  IDEMPOTENCY_RETENTION_MS,
  type IdempotencyBegin,
  type IdempotencyStore,
  type IdempotencyTimes,
} from './idempotency.ts';

/** The part of a pg pool or client that the store uses. */
export interface Queryable {
  query(text: string, values: unknown[]): Promise<{ readonly rows: readonly unknown[] }>;
}

export interface PostgresIdempotencyOptions extends IdempotencyTimes {
  /** The service's schema; the connection's search path decides when absent. */
  readonly schema?: string;
}

interface Row {
  readonly fingerprint: string;
  readonly status: number | null;
  readonly body: string | null;
  readonly is_interrupted: boolean;
}

const IDENTIFIER = /^[a-z_][a-z0-9_]{0,62}$/;
/** Old keys are removed by every hundredth request: no timer, and the table stays bounded. */
const PRUNE_EVERY = 100;
const PRUNE_ROWS_MAX = 1_000;
const ATTEMPTS_MAX = 3;

/**
 * Keys in the service's own schema, so that they outlive the process and are shared by its replicas.
 * All times are the database's: replicas need no common clock.
 */
export function postgresIdempotencyStore(
  db: Queryable,
  options: PostgresIdempotencyOptions = {},
): IdempotencyStore {
  const { leaseMs = IDEMPOTENCY_LEASE_MS, retentionMs = IDEMPOTENCY_RETENTION_MS } = options;
  const table = tableName(options.schema);
  const sql = statements(table);
  let begun = 0;
  return {
    async begin(key, fingerprint) {
      begun += 1;
      if (begun % PRUNE_EVERY === 0) await db.query(sql.prune, [retentionMs, PRUNE_ROWS_MAX]);
      for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
        const taken = await db.query(sql.begin, [key, fingerprint, retentionMs]);
        if (taken.rows.length > 0) return { state: 'new' };
        const kept = await db.query(sql.read, [key, leaseMs]);
        if (kept.rows.length > 0) return stateOf(kept.rows[0] as Row, fingerprint);
        // abandoned between the two statements: it is free again
      }
      return { state: 'in-progress' };
    },
    async finish(key, { status, body }) {
      await db.query(sql.finish, [key, status, body ?? null]);
    },
    async abandon(key) {
      await db.query(sql.abandon, [key]);
    },
  };
}

function tableName(schema: string | undefined): string {
  if (schema === undefined) return 'idempotency_keys';
  if (!IDENTIFIER.test(schema)) throw new TypeError(`schema "${schema}" is not a plain lower-case name`);
  return `${schema}.idempotency_keys`;
}

function statements(table: string) {
  return {
    // Returns a row exactly when this caller begins: the key is new, or its last use is past retention.
    begin: `
      insert into ${table} as kept (key, fingerprint) values ($1, $2)
      on conflict (key) do update
        set fingerprint = excluded.fingerprint, status = null, body = null, begun_at = now(), finished_at = null
        where kept.begun_at < now() - $3 * interval '1 millisecond'
      returning key`,
    read: `
      select fingerprint, status, body, begun_at < now() - $2 * interval '1 millisecond' as is_interrupted
      from ${table} where key = $1`,
    finish: `update ${table} set status = $2, body = $3, finished_at = now() where key = $1 and status is null`,
    abandon: `delete from ${table} where key = $1 and status is null`,
    prune: `
      delete from ${table} where key in (
        select key from ${table} where begun_at < now() - $1 * interval '1 millisecond' order by begun_at limit $2)`,
  };
}

function stateOf(row: Row, fingerprint: string): IdempotencyBegin {
  if (row.fingerprint !== fingerprint) return { state: 'conflict' };
  if (row.status !== null)
    return { state: 'done', status: row.status, ...(row.body === null ? {} : { body: row.body }) };
  return { state: row.is_interrupted ? 'interrupted' : 'in-progress' };
}
