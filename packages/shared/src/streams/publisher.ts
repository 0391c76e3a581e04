import type { Redis } from 'ioredis';
import { Acknowledgements } from './acknowledgements.ts';
import { Appends, appendRuns } from './appends.ts';
import { whenReady } from './connection.ts';
import type { BackoffOptions, StreamLogger } from './options.ts';
import type { OutboxRow } from './outgoing.ts';
import { Pause } from './pause.ts';
import { backoffMs, ruleOn } from './retry.ts';

export interface Committed {
  /** Monotonic milliseconds of the commit. */
  readonly at: number;
  readonly rows: readonly OutboxRow[];
  readonly acks: ReadonlyMap<string, { readonly group: string; readonly ids: readonly string[] }>;
}

export interface PublisherOptions {
  readonly redis: Redis;
  readonly logger: StreamLogger;
  readonly backoff: BackoffOptions;
  markerKey(target: number): string;
  markerValue(seq: number): string;
  /**
   * Asked before the first entry on each connection and after each failure. False when the lease is no longer ours or
   * Redis has lost what it had: what is left is then read from the outbox again.
   */
  mayPublish(failure: unknown): Promise<boolean>;
  onProgress(): void;
  onRetry(reason: string): void;
  onFatal(error: Error): void;
}

const READY_TIMEOUT_MS = 1_000;

/**
 * Sends committed rows in the order of their seq, then acknowledges what caused them. One call at a time: the next
 * rows start when all before them were answered; unanswered ones are repeated from the first, without limit. Commits
 * go on meanwhile and queue up here; `backlog` lets the runner hold them back.
 */
export class Publisher {
  readonly #options: PublisherOptions;
  readonly #appends: Appends;
  readonly #acks = new Acknowledgements();
  readonly #pause = new Pause();
  #queue: Committed[] = [];
  #running: Promise<void> | undefined;
  /** Rises with each reset: what an earlier one started ends without effect. */
  #term = 0;
  #publishedSeq = 0;
  #failing = false;
  /** This connection is known to lead to the Redis that has everything before. */
  #verified = false;

  constructor(options: PublisherOptions) {
    this.#options = options;
    this.#appends = new Appends(options.redis);
    options.redis.on('close', () => {
      this.#verified = false;
      this.#appends.forget();
    });
  }

  /** Batches that are committed and not wholly published. */
  get backlog(): number {
    return this.#queue.length;
  }

  /** All rows up to this seq are in Redis. */
  get publishedSeq(): number {
    return this.#publishedSeq;
  }

  /** When the oldest batch that is not wholly published was committed; null when there is none. */
  get oldestAt(): number | null {
    return this.#queue[0]?.at ?? null;
  }

  get failing(): boolean {
    return this.#failing;
  }

  get unpublishedRows(): number {
    return this.#queue.reduce((sum, { rows }) => sum + rows.length, 0);
  }

  add(committed: Committed): void {
    this.#queue.push(committed);
    void this.#start();
  }

  /** Forgets what is queued: the outbox has it. Acknowledgements stay owed unless their entries are gone too. */
  async reset(forgetAcks: boolean): Promise<void> {
    this.#term += 1;
    const dropped = this.#queue;
    this.#queue = [];
    this.#pause.end();
    await this.#running;
    this.#pause.begin();
    this.#failing = false;
    this.#verified = false;
    if (forgetAcks) this.#acks.clear();
    else for (const batch of dropped) this.#owe(batch);
  }

  /** After a reset, when the outbox was published up to this seq. */
  resume(publishedSeq: number): void {
    this.#publishedSeq = publishedSeq;
    void this.#start();
  }

  /** True when nothing is left to send, false when that takes longer than `timeoutMs`. */
  async drained(timeoutMs: number): Promise<boolean> {
    const running = this.#running ?? this.#start();
    if (running === undefined) return true;
    let timer: NodeJS.Timeout | undefined;
    const timedOut = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, timeoutMs);
    });
    await Promise.race([running, timedOut]);
    clearTimeout(timer);
    return this.#queue.length === 0 && this.#acks.size === 0;
  }

  #start(): Promise<void> | undefined {
    if (this.#running === undefined && (this.#queue.length > 0 || this.#acks.size > 0)) {
      this.#running = this.#run(this.#term).finally(() => {
        this.#running = undefined;
        if (this.#queue.length > 0 && !this.#failing) void this.#start();
      });
    }
    return this.#running;
  }

  async #run(term: number): Promise<void> {
    while (term === this.#term && (this.#queue.length > 0 || this.#acks.size > 0)) {
      const batches = this.#queue.slice();
      const rows = batches.flatMap((batch) => batch.rows);
      for (const run of appendRuns(rows)) {
        if (!(await this.#insist(term, () => this.#append(run)))) return;
      }
      for (const batch of batches) this.#owe(batch);
      this.#queue.splice(0, batches.length);
      if (!(await this.#insist(term, () => this.#acks.send(this.#options.redis)))) return;
      this.#options.onProgress();
    }
  }

  /** Repeats a step until it is answered; false when this publisher has to stop. */
  async #insist(term: number, step: () => Promise<void>): Promise<boolean> {
    let failure: unknown;
    for (let attempt = 1; term === this.#term; attempt += 1) {
      try {
        if (!this.#verified && !(await this.#verify(failure))) return false;
        await step();
        this.#failing = false;
        return term === this.#term;
      } catch (error) {
        failure = error;
        if (!(await this.#afterFailure(error, attempt))) return false;
      }
    }
    return false;
  }

  async #verify(failure: unknown): Promise<boolean> {
    const { redis } = this.#options;
    await whenReady(redis, READY_TIMEOUT_MS);
    this.#verified = true;
    if (!(await this.#options.mayPublish(failure))) {
      this.#failing = true;
      return false;
    }
    this.#appends.forget();
    return true;
  }

  /** Sent in the same turn in which the connection was known to be verified. */
  async #append(rows: readonly OutboxRow[]): Promise<void> {
    if (!this.#verified) throw new Error('Connection is closed before the entries were sent');
    const last = rows.at(-1);
    if (last === undefined) return;
    const { markerKey, markerValue } = this.#options;
    await this.#appends.append({
      target: last.target,
      rows,
      markerKey: markerKey(last.target),
      markerValue: markerValue(last.seq),
      markerMayBeMissing: false,
    });
    this.#publishedSeq = Math.max(this.#publishedSeq, last.seq);
  }

  async #afterFailure(error: unknown, attempt: number): Promise<boolean> {
    const { verdict, reason } = ruleOn(error);
    this.#failing = true;
    this.#verified = false;
    this.#options.onRetry(reason);
    if (verdict === 'crash') {
      this.#options.onFatal(error as Error);
      return false;
    }
    this.#options.logger.warn({ err: error, attempt, reason }, 'publishing failed, repeating');
    await this.#pause.for(backoffMs(attempt, this.#options.backoff));
    return true;
  }

  #owe(batch: Committed): void {
    for (const [key, { group, ids }] of batch.acks) this.#acks.add(key, group, ids);
  }
}
