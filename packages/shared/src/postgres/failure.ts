/**
 * What a database error means for the one who repeats:
 * - `unreachable`: connection, server or its resources; nothing is known about the statement's effect
 * - `conflict`: serialization failure or deadlock; nothing was written, repeating is right
 * - `duplicate`: a unique key is taken; nothing was written
 * - `data`: the values do not fit the table; repeating gives the same
 * - `setup`: missing table, role or permission; a person has to act
 */
export type PostgresFailure = 'unreachable' | 'conflict' | 'duplicate' | 'data' | 'setup';

/** By SQLSTATE, its first five, then its first two characters (PostgreSQL manual, appendix A). */
const BY_STATE: Readonly<Record<string, PostgresFailure>> = {
  '23505': 'duplicate',
  '40001': 'conflict',
  '40P01': 'conflict',
  '55P03': 'conflict',
  '57014': 'unreachable',
  '57P04': 'setup',
  '25006': 'unreachable',
  '08': 'unreachable',
  '40': 'conflict',
  '53': 'unreachable',
  '57': 'unreachable',
  '58': 'unreachable',
  XX: 'unreachable',
  '22': 'data',
  '23': 'data',
  '28': 'setup',
  '0A': 'setup',
  '3D': 'setup',
  '3F': 'setup',
  '42': 'setup',
};

const SOCKET_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
]);

/** pg's own messages carry no code. */
const LOST = /connection terminated|connection error|timeout exceeded|query read timeout|connection ended/i;

/** Undefined when the error does not come from Postgres or the way to it. */
export function postgresFailure(error: unknown): PostgresFailure | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (isNetworkCode(code)) return 'unreachable';
  if (/^[0-9A-Z]{5}$/.test(code)) {
    const byState = BY_STATE[code] ?? BY_STATE[code.slice(0, 2)];
    if (byState !== undefined) return byState;
  }
  if (error instanceof AggregateError && error.errors.some((part) => postgresFailure(part) === 'unreachable'))
    return 'unreachable';
  return LOST.test(error.message) ? 'unreachable' : undefined;
}

export function isNetworkCode(code: string): boolean {
  return SOCKET_CODES.has(code);
}

/** True when a unique violation comes from the named table. */
export function violates(error: unknown, schema: string, table: string): boolean {
  if (postgresFailure(error) !== 'duplicate') return false;
  const from = error as { schema?: unknown; table?: unknown };
  return from.schema === schema && from.table === table;
}
