import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../telemetry/index.ts';
import type { AuditEntry } from './access-entry.ts';

/** The part of a pg pool that the log uses. */
export interface AccessDatabase {
  query(text: string, values: readonly unknown[]): Promise<unknown>;
}

export interface AccessLogOptions {
  readonly db: AccessDatabase;
  /** The service's schema, trusted text. */
  readonly schema: string;
  readonly logger: Logger;
  readonly monotonic: () => number;
  readonly onRows: (outcome: 'written' | 'dropped', count: number) => void;
  /** Milliseconds between two tries while the database is away; 1,000 when absent. */
  readonly retryMs?: number;
}

/** Refusals a second that are kept for long, and at once. Anybody inside the network can cause refusals. */
const REFUSALS_PER_SECOND = 5;
const REFUSALS_BURST = 100;
/** Grants are bounded by who may cause them; this bounds them all the same. */
const GRANTS_PER_SECOND = 50;
const GRANTS_BURST = 500;
/** Rows that wait while the database is away. */
const WAITING_MAX = 2_000;
const BATCH_MAX = 200;
const RETRY_MS = 1_000;
const RETENTION = '400 days';
const TOLD_EVERY_MS = 10_000;

/**
 * Keeps calls as log lines and as rows, without holding a call up: the rows are written behind it, in order. What a
 * flood of refusals would write beyond its share is counted and told in one line instead.
 */
export class AccessLog {
  readonly #options: AccessLogOptions;
  readonly #refusals: Allowance;
  readonly #grants: Allowance;
  readonly #closing = new AbortController();
  #waiting: AuditEntry[] = [];
  #writing: Promise<void> | undefined;
  #dropped = 0;
  #toldAt = Number.NEGATIVE_INFINITY;
  #pruned = false;
  #away = false;

  constructor(options: AccessLogOptions) {
    this.#options = options;
    this.#refusals = new Allowance(REFUSALS_PER_SECOND, REFUSALS_BURST, options.monotonic);
    this.#grants = new Allowance(GRANTS_PER_SECOND, GRANTS_BURST, options.monotonic);
  }

  /** False when there are too many at once and this one was only counted. */
  record(entry: AuditEntry): boolean {
    const allowance = entry.outcome === 'granted' ? this.#grants : this.#refusals;
    if (!allowance.take()) return this.#drop(1);
    const level = entry.outcome === 'granted' ? 'info' : 'warn';
    this.#options.logger[level]({ audit: entry }, `call ${entry.outcome}`);
    if (this.#waiting.length >= WAITING_MAX) return this.#drop(1);
    this.#waiting.push(entry);
    this.#begin();
    return true;
  }

  /** Writes what waits, as far as the database answers at once. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#writing;
    if (this.#waiting.length > 0) this.#drop(this.#waiting.length);
    this.#tellDropped();
  }

  /** Resolves when nothing waits; a database that is away holds it up. */
  async written(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing;
  }

  #begin(): void {
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
      // One that came after the last look and before this line.
      if (this.#waiting.length > 0 && !this.#closing.signal.aborted) this.#begin();
    });
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, BATCH_MAX);
      if (await this.#insert(batch)) {
        this.#waiting = this.#waiting.slice(batch.length);
        continue;
      }
      if (this.#closing.signal.aborted) return;
      await sleep(this.#options.retryMs ?? RETRY_MS, undefined, { signal: this.#closing.signal }).catch(
        () => undefined,
      );
    }
  }

  async #insert(batch: readonly AuditEntry[]): Promise<boolean> {
    const { db, schema, logger, onRows } = this.#options;
    try {
      await db.query(
        `insert into ${schema}.access_calls
           (at, outcome, code, method, path, identity, role, fingerprint, service, address, request_id, trace)
         select at, outcome, reason, method, path, identity, role, fingerprint, service, address, "requestId", traceparent
         from jsonb_to_recordset($1::jsonb) as given(at timestamptz, outcome text, reason text, method text, path text,
           identity text, role text, fingerprint text, service text, address text, "requestId" text, traceparent text)`,
        [JSON.stringify(batch)],
      );
      this.#away = false;
      onRows('written', batch.length);
      await this.#prune();
      return true;
    } catch (err) {
      if (!this.#away) logger.warn({ err }, 'calls could not be stored; they wait');
      this.#away = true;
      return false;
    }
  }

  /** Once a process: the table is bounded, and no timer is needed. */
  async #prune(): Promise<void> {
    if (this.#pruned) return;
    this.#pruned = true;
    const { db, schema, logger } = this.#options;
    await db
      .query(`delete from ${schema}.access_calls where at < now() - interval '${RETENTION}'`, [])
      .catch((err: unknown) => logger.warn({ err }, 'old calls could not be removed'));
  }

  #drop(count: number): false {
    this.#dropped += count;
    this.#options.onRows('dropped', count);
    if (this.#options.monotonic() - this.#toldAt >= TOLD_EVERY_MS) this.#tellDropped();
    return false;
  }

  #tellDropped(): void {
    if (this.#dropped === 0) return;
    this.#options.logger.warn({ dropped: this.#dropped }, 'calls were not kept one by one: too many at once');
    this.#dropped = 0;
    this.#toldAt = this.#options.monotonic();
  }
}

/** A token bucket: `perSecond` for long, `burst` at once. */
class Allowance {
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #monotonic: () => number;
  #left: number;
  #at: number;

  constructor(perSecond: number, burst: number, monotonic: () => number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#monotonic = monotonic;
    this.#left = burst;
    this.#at = monotonic();
  }

  take(): boolean {
    const now = this.#monotonic();
    this.#left = Math.min(this.#burst, this.#left + ((now - this.#at) / 1_000) * this.#perSecond);
    this.#at = now;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
