import type { Pool, PoolClient, QueryResult, QueryResultRow } from 'pg';
import { postgresFailure } from '../postgres/failure.ts';
import type { NamedStatement } from '../postgres/queryable.ts';
import type { Clock } from './options.ts';

export interface LeaseOptions {
  readonly pool: Pool;
  readonly schema: string;
  readonly partition: number;
  readonly run: string;
  /** Unique per process start. */
  readonly holder: string;
  readonly leaseMs: number;
  readonly clock: Clock;
}

/**
 * The right to be the one consumer of a partition: a row with a rising epoch. Each write of the holder checks the
 * epoch under a share lock, so a holder that was overtaken cannot write, however late it wakes. Expiry is judged by
 * the database's clock; what the holder itself believes is judged by its monotonic clock from before the request.
 * Renewal and commits use one connection of their own, so that a busy pool cannot cost the lease.
 */
export class Lease {
  readonly #options: LeaseOptions;
  readonly #table: string;
  #client: PoolClient | undefined;
  #epoch = 0;
  #deadline = Number.NEGATIVE_INFINITY;
  #last: Promise<unknown> = Promise.resolve();
  readonly #onError = (error: Error) => {
    if (this.#client !== undefined) this.#discard(this.#client, error);
  };

  constructor(options: LeaseOptions) {
    this.#options = options;
    this.#table = `"${options.schema}".leases`;
  }

  get epoch(): number {
    return this.#epoch;
  }

  /** Milliseconds in which nobody else can hold the lease; 0 or less when somebody may. */
  remainingMs(): number {
    return this.#deadline - this.#options.clock.monotonic();
  }

  holds(): boolean {
    return this.remainingMs() > 0;
  }

  /** Takes the lease when it is free, expired or released. */
  async acquire(): Promise<boolean> {
    const { partition, run, holder, leaseMs } = this.#options;
    const asked = this.#options.clock.monotonic();
    const { rows } = await this.query<{ epoch: string }>(
      `INSERT INTO ${this.#table} AS l (partition, run, holder, epoch, expires_at)
       VALUES ($1, $2, $3, 1, clock_timestamp() + $4 * interval '1 millisecond')
       ON CONFLICT (partition) DO UPDATE
         SET run = excluded.run, holder = excluded.holder, epoch = l.epoch + 1, expires_at = excluded.expires_at
         WHERE l.expires_at <= clock_timestamp() OR l.holder = excluded.holder
       RETURNING epoch`,
      [partition, run, holder, leaseMs],
    );
    return this.#accept(rows[0]?.epoch, asked);
  }

  /** False when somebody else has it. */
  async renew(): Promise<boolean> {
    return this.#inTurn(() => this.#extend(0));
  }

  /**
   * Raises the own epoch: a write of ours that was never answered can no longer take effect once this has returned,
   * for it either holds the row's lock until then or finds another epoch.
   */
  async fence(): Promise<boolean> {
    return this.#inTurn(() => this.#extend(1));
  }

  /** A renewal sent under the epoch that a fence is about to raise would look like a lost lease. */
  #inTurn<Result>(step: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(step, step);
    this.#last = result.catch(() => {});
    return result;
  }

  /** Lets another take it at once. */
  async release(): Promise<void> {
    this.#deadline = Number.NEGATIVE_INFINITY;
    try {
      await this.query(
        `UPDATE ${this.#table} SET expires_at = '-infinity', holder = ''
         WHERE partition = $1 AND epoch = $2 AND holder = $3`,
        [this.#options.partition, this.#epoch, this.#options.holder],
      );
    } finally {
      this.close();
    }
  }

  /** Forgets the lease without telling the database: it expires. */
  drop(): void {
    this.#deadline = Number.NEGATIVE_INFINITY;
  }

  /** Gives up what the server has not answered. */
  cut(): void {
    this.drop();
    if (this.#client !== undefined) this.#discard(this.#client, new Error('connection ended: stopping'));
  }

  close(): void {
    const client = this.#client;
    this.#client = undefined;
    if (client === undefined) return;
    client.off('error', this.#onError);
    client.release();
  }

  async query<Row extends QueryResultRow>(
    statement: string | NamedStatement,
    values?: readonly unknown[],
  ): Promise<QueryResult<Row>> {
    const client = await this.#connected();
    try {
      if (typeof statement !== 'string')
        return await client.query<Row>({ ...statement, values: [...statement.values] });
      return await client.query<Row>(statement, values as unknown[]);
    } catch (error) {
      if (postgresFailure(error) === 'unreachable') this.#discard(client, error as Error);
      throw error;
    }
  }

  async #connected(): Promise<PoolClient> {
    if (this.#client === undefined) {
      const client = await this.#options.pool.connect();
      client.on('error', this.#onError);
      this.#client = client;
    }
    return this.#client;
  }

  #discard(client: PoolClient, error: Error): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    client.off('error', this.#onError);
    // The pool ends it; what it still emits while ending must not become an uncaught error.
    client.on('error', () => {});
    client.release(error);
  }

  async #extend(step: 0 | 1): Promise<boolean> {
    const { partition, holder, leaseMs } = this.#options;
    const asked = this.#options.clock.monotonic();
    const { rows } = await this.query<{ epoch: string }>(
      `UPDATE ${this.#table}
       SET epoch = epoch + $5, expires_at = clock_timestamp() + $4 * interval '1 millisecond'
       WHERE partition = $1 AND epoch = $2 AND holder = $3 RETURNING epoch`,
      [partition, this.#epoch, holder, leaseMs, step],
    );
    return this.#accept(rows[0]?.epoch, asked);
  }

  #accept(epoch: string | undefined, asked: number): boolean {
    if (epoch === undefined) {
      this.#deadline = Number.NEGATIVE_INFINITY;
      return false;
    }
    this.#epoch = Number(epoch);
    this.#deadline = asked + this.#options.leaseMs;
    return true;
  }
}
