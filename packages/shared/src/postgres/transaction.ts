import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool, PoolClient } from 'pg';
import { postgresFailure } from './failure.ts';

export interface TransactionOptions {
  /** `read committed` when absent. */
  readonly isolation?: 'read committed' | 'repeatable read' | 'serializable';
  readonly readOnly?: boolean;
  /** Repetitions after a serialization failure or deadlock; 5 when absent. */
  readonly retries?: number;
  /** From 0 to 1; Math.random when absent. */
  readonly random?: () => number;
}

const FIRST_DELAY_MS = 5;

/**
 * Runs `work` in a transaction on one connection; commits what it returns, rolls back what it throws. `work` is run
 * again after SQLSTATE 40001, 40P01 and 55P03, so it must have no effect outside the database.
 */
export async function transaction<Result>(
  pool: Pool,
  work: (client: PoolClient) => Promise<Result>,
  options: TransactionOptions = {},
): Promise<Result> {
  const retries = options.retries ?? 5;
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await once(pool, work, options);
    } catch (error) {
      if (attempt >= retries || postgresFailure(error) !== 'conflict') throw error;
      await sleep(FIRST_DELAY_MS * 2 ** attempt * (0.5 + (options.random ?? Math.random)()));
    }
  }
}

async function once<Result>(
  pool: Pool,
  work: (client: PoolClient) => Promise<Result>,
  options: TransactionOptions,
): Promise<Result> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query(begin(options));
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    broken = await rollBack(client);
    throw error;
  } finally {
    client.release(broken);
  }
}

/** The error of a connection that can no longer be used, so that the pool drops it. */
async function rollBack(client: PoolClient): Promise<Error | undefined> {
  try {
    await client.query('ROLLBACK');
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function begin(options: TransactionOptions): string {
  const isolation = (options.isolation ?? 'read committed').toUpperCase();
  return `BEGIN ISOLATION LEVEL ${isolation}${options.readOnly ? ' READ ONLY' : ''}`;
}
