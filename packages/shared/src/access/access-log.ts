import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../telemetry/index.ts';
import type { AuditEntry } from './access-entry.ts';
import type { AccessCode } from './refusals.ts';

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

/** Calls a second that one kind of caller may have kept for long, and at once. Anybody inside the network can be refused. */
const REFUSALS: Rate = { perSecond: 5, burst: 100 };
/** Of one service, and of all that come without sign-in and were let in. */
const GRANTS: Rate = { perSecond: 50, burst: 500 };
/** Allowances that exist at once: there are at most so many people, and a few services. */
const ALLOWANCES_MAX = 1_100;
/** Refused before anybody was found to be on the list: whoever has an account at the provider can cause them. */
const OF_STRANGERS: ReadonlySet<string | undefined> = new Set<AccessCode>([
  'ID_TOKEN_EXPIRED',
  'ID_TOKEN_NOT_YET_VALID',
  'IDENTITY_UNKNOWN',
]);
/** Rows that wait while the database is away; the second half is kept for what people were granted. */
const WAITING_MAX = 2_000;
const BATCH_MAX = 200;
const RETRY_MS = 1_000;
const RETENTION = '400 days';
const PRUNED_EVERY_MS = 3_600_000;
const TOLD_EVERY_MS = 10_000;

interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/**
 * Keeps calls as log lines and as rows, without holding a call up: the rows are written behind it, in order. What a
 * person was granted is always kept: the edge and the limit of admin calls bound it, and nobody else's calls count
 * against it. Everybody else has an allowance of his own kind; what a flood would write beyond it is counted and told
 * in one line instead.
 */
export class AccessLog {
  readonly #options: AccessLogOptions;
  /** By kind of caller, see `kindOf`. */
  readonly #allowances = new Map<string, Allowance>();
  readonly #closing = new AbortController();
  #waiting: AuditEntry[] = [];
  #writing: Promise<void> | undefined;
  #dropped = 0;
  #toldAt = Number.NEGATIVE_INFINITY;
  #prunedAt = Number.NEGATIVE_INFINITY;
  #away = false;

  constructor(options: AccessLogOptions) {
    this.#options = options;
  }

  /** False when there are too many at once and this one was only counted. */
  record(entry: AuditEntry): boolean {
    const kind = kindOf(entry);
    if (kind !== undefined && !this.#allowance(kind, entry).take()) return this.#drop(1);
    const level = entry.outcome === 'granted' ? 'info' : 'warn';
    this.#options.logger[level]({ audit: entry }, `call ${entry.outcome}`);
    if (this.#waiting.length >= (kind === undefined ? WAITING_MAX : WAITING_MAX / 2)) return this.#drop(1);
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

  #allowance(kind: string, { outcome }: AuditEntry): Allowance {
    const known = this.#allowances.get(kind);
    if (known !== undefined) return known;
    // Nobody can bring so many names; if they come all the same, the oldest begins anew.
    const oldest = this.#allowances.keys().next();
    if (this.#allowances.size >= ALLOWANCES_MAX && !oldest.done) this.#allowances.delete(oldest.value);
    const made = new Allowance(outcome === 'granted' ? GRANTS : REFUSALS, this.#options.monotonic);
    this.#allowances.set(kind, made);
    return made;
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

  /** Behind a write, at most once an hour: the table is bounded, and no timer is needed. */
  async #prune(): Promise<void> {
    const { db, schema, logger, monotonic } = this.#options;
    if (monotonic() - this.#prunedAt < PRUNED_EVERY_MS) return;
    this.#prunedAt = monotonic();
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

/** Whose allowance a call takes from; undefined for what a person was granted, which takes from none. */
function kindOf({ outcome, reason, identity, service }: AuditEntry): string | undefined {
  if (outcome === 'granted') {
    if (identity !== undefined) return undefined;
    return service === undefined ? 'let in without sign-in' : `service ${service}`;
  }
  return identity === undefined || OF_STRANGERS.has(reason) ? 'refused stranger' : `refused ${identity}`;
}

/** A token bucket: `perSecond` for long, `burst` at once. */
class Allowance {
  readonly #rate: Rate;
  readonly #monotonic: () => number;
  #left: number;
  #at: number;

  constructor(rate: Rate, monotonic: () => number) {
    this.#rate = rate;
    this.#monotonic = monotonic;
    this.#left = rate.burst;
    this.#at = monotonic();
  }

  take(): boolean {
    const now = this.#monotonic();
    const { perSecond, burst } = this.#rate;
    this.#left = Math.min(burst, this.#left + ((now - this.#at) / 1_000) * perSecond);
    this.#at = now;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
