import pg from 'pg';

export interface PoolOptions {
  /** Either this or the fields. */
  readonly connectionString?: string;
  readonly host?: string;
  readonly port?: number;
  readonly database?: string;
  readonly user?: string;
  readonly password?: string;
  readonly applicationName: string;
  /** Connections; 5 when absent. */
  readonly max?: number;
  /** 10 s when absent. The client gives up one second later, so the server always gives up first. */
  readonly statementTimeoutMs?: number;
  readonly connectTimeoutMs?: number;
  /** Told of errors on idle connections (a restarting server); the pool replaces them by itself. */
  readonly onIdleError?: (error: Error) => void;
}

const DATE_OID = 1082;
const NUMERIC_ARRAY_OID = 1231;
const TEXT_ARRAY_OID = 1009;

/**
 * A pool whose `numeric` and `int8` columns are strings (also in arrays) and whose `date` columns are `YYYY-MM-DD`:
 * money never passes through a float. `timestamptz` is a Date.
 */
export function createPool(options: PoolOptions): pg.Pool {
  const statementTimeoutMs = options.statementTimeoutMs ?? 10_000;
  const pool = new pg.Pool({
    ...connectionOf(options),
    application_name: options.applicationName,
    max: options.max ?? 5,
    statement_timeout: statementTimeoutMs,
    query_timeout: statementTimeoutMs + 1_000,
    idle_in_transaction_session_timeout: statementTimeoutMs,
    connectionTimeoutMillis: options.connectTimeoutMs ?? 5_000,
    keepAlive: true,
    types: { getTypeParser: parserOf },
  });
  pool.on('error', options.onIdleError ?? (() => {}));
  return pool;
}

function connectionOf(options: PoolOptions): pg.PoolConfig {
  if (options.connectionString !== undefined) return { connectionString: options.connectionString };
  const { host, port, database, user, password } = options;
  return Object.fromEntries(
    Object.entries({ host, port, database, user, password }).filter(([, value]) => value !== undefined),
  );
}

function parserOf(oid: number, format?: 'text' | 'binary') {
  if (oid === DATE_OID) return String;
  return pg.types.getTypeParser(oid === NUMERIC_ARRAY_OID ? TEXT_ARRAY_OID : oid, format as 'text');
}
