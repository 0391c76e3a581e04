import { setTimeout as sleep } from 'node:timers/promises';
import { safeError } from '../errors/index.ts';
import type { Queryable } from '../postgres/index.ts';
import type { Logger } from '../telemetry/index.ts';

export interface WaitForSchemaOptions {
  readonly db: Queryable;
  readonly schema: string;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** Told in words what is missing, for readiness. */
  readonly onMissing: (problem: string) => void;
  /** Milliseconds between two tries. Default 250. */
  readonly retryMs?: number;
}

const RETRY_MS = 250;

/**
 * Resolves when Postgres answers this role and the migrations of the schema have run; until then it says what is
 * missing (each problem logged once) and tries on. Rejects with the signal's reason when it is aborted.
 */
export async function waitForSchema(options: WaitForSchemaOptions): Promise<void> {
  const { db, schema, signal, logger } = options;
  let said = '';
  for (;;) {
    signal.throwIfAborted();
    try {
      await db.query(`select 1 from ${schema}.migrations limit 1`);
      if (said !== '') logger.info({ schema }, 'Postgres is there, the start goes on');
      return;
    } catch (error) {
      const problem = problemOf(error, schema);
      options.onMissing(problem);
      if (problem !== said && !signal.aborted) logger.warn({ schema }, `${problem}; trying on`);
      said = problem;
    }
    await sleep(options.retryMs ?? RETRY_MS, undefined, { signal });
  }
}

/** SQLSTATE 3F000 and 42P01: schema or table missing; class 28: the role is not let in. */
function problemOf(error: unknown, schema: string): string {
  const { code, message } = safeError(error);
  if (code === '3F000' || code === '42P01') return `schema ${schema} has not been migrated yet`;
  if (code?.startsWith('28')) return `Postgres refuses this role (${code}): check DATABASE_URL`;
  if (code === '3D000') return 'the database of DATABASE_URL does not exist';
  return `Postgres does not answer (${code ?? message.slice(0, 100)})`;
}
