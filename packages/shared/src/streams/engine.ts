import { violates } from '../postgres/failure.ts';
import { appliedIds, RecentIds } from './applied-ids.ts';
import { Interrupt } from './interrupt.ts';
import { type Item, traceOf } from './item.ts';
import { ItemQueue } from './item-queue.ts';
import { inboxGroup } from './keys.ts';
import type { Lease } from './lease.ts';
import type { Writer } from './outgoing.ts';
import { heldKeys, parkedRow } from './parked.ts';
import { type Batch, type Planning, planBatch } from './planner.ts';
import type { TableWrite } from './processor.ts';
import type { Publisher } from './publisher.ts';
import { backoffMs, ruleOn } from './retry.ts';
import type { Settings } from './settings.ts';
import { commitStatement } from './statement.ts';
import { NotLeaderError } from './stream-errors.ts';
import type { StreamSource } from './stream-source.ts';

/** Committed batches that may wait for the publisher before the next is decided. */
const BACKLOG_MAX = 4;
const RECENT_IDS_MAX = 16_384;
/** Published rows are marked at the latest after this, when no commit takes the mark along. */
const MARK_MS = 200;
const IDLE_MS_MAX = 1_000;

export interface EngineParts<State> {
  readonly settings: Settings<State>;
  readonly lease: Lease;
  readonly publisher: Publisher;
  readonly sources: readonly StreamSource[];
}

/**
 * Decides and commits: heads of the queues → one statement → publisher. What it keeps true: the state in memory is
 * that of the last confirmed commit whenever a batch begins; nothing leaves a queue, is published, acknowledged or
 * answered before its commit is confirmed; every failure that could break the first leaves by Interrupt.
 */
export class Engine<State> {
  readonly #parts: EngineParts<State>;
  readonly #writer: Writer;
  readonly #grp: string;
  readonly #local = new ItemQueue('local');
  readonly #takenBack = new ItemQueue('taken back');
  readonly #recent = new RecentIds(RECENT_IDS_MAX);
  #state: State | undefined;
  #held: ReadonlySet<string> = new Set();
  #nextSeq = 1;
  #markedSeq = 0;
  #unmarkedSince: number | null = null;
  #turn = 0;
  /** So many items are committed one by one, to find the one whose rows are refused. */
  #alone = 0;
  /** Monotonic time until which streams rest after a failed entry. */
  #restUntil = 0;
  #lastCommitAt: number | null = null;

  constructor(parts: EngineParts<State>) {
    this.#parts = parts;
    const { settings } = parts;
    this.#writer = settings;
    this.#grp = inboxGroup(settings.group, settings.partition, settings.partitions);
  }

  get state(): State | undefined {
    return this.#state;
  }

  get held(): ReadonlySet<string> {
    return this.#held;
  }

  get lastCommitAt(): number | null {
    return this.#lastCommitAt;
  }

  get inFlight(): number {
    let count = 0;
    for (const queue of this.#queues(true)) count += queue.length;
    return count;
  }

  get submitted(): number {
    return this.#local.length;
  }

  submit(item: Item): void {
    this.#local.push(item);
  }

  takeBack(item: Item): void {
    this.#takenBack.push(item);
  }

  /** Reads the state of the last commit. The lease is held, and no earlier write of ours is outstanding. */
  async load(): Promise<void> {
    const { settings, lease } = this.#parts;
    const { pool, run, partition, schema } = settings;
    const state = await settings.processor.load(pool, { run, partition, epoch: lease.epoch });
    this.#held = await heldKeys(pool, settings);
    const { rows } = await pool.query<{ seq: string | null }>(
      `SELECT max(seq) AS seq FROM "${schema}".outbox WHERE run = $1 AND partition = $2`,
      [run, partition],
    );
    this.#nextSeq = Math.max(this.#nextSeq, Number(rows[0]?.seq ?? 0) + 1);
    this.#state = state;
  }

  /** The outbox is published and marked up to here. */
  publishedTo(seq: number): void {
    this.#markedSeq = seq;
  }

  /** Lease lost or stopped: nothing in memory counts any more. */
  clear(): void {
    this.#state = undefined;
    this.#restUntil = 0;
    this.#alone = 0;
    for (const { queue } of this.#parts.sources) queue.clear();
    for (const item of [...this.#local.clear(), ...this.#takenBack.clear()]) {
      item.reply?.reject(new NotLeaderError());
    }
    this.#nextSeq = 1;
  }

  /** Milliseconds until something is due without any event. */
  idleMs(): number {
    const now = this.#parts.settings.clock.monotonic();
    const due = [IDLE_MS_MAX];
    if (this.#restUntil > now) due.push(this.#restUntil - now);
    if (this.#hasMark()) due.push(this.#unmarkedMsLeft());
    const { lockstep, joinWaitMs } = this.#parts.settings;
    for (const queue of lockstep ? [] : this.#queues(true)) {
      const head = queue.at(0);
      const isDue = head !== undefined && head.waitingSince !== null && !head.waitExpired;
      if (isDue) due.push(Math.max(1, (head.waitingSince ?? now) + joinWaitMs - now));
    }
    return Math.min(...due);
  }

  /**
   * One batch. True when something was taken from a queue.
   * @throws Interrupt when the lease or the state is lost; an error of class crash as it is.
   */
  async pump(scope: 'submitted' | 'all'): Promise<boolean> {
    const { publisher, settings } = this.#parts;
    if (publisher.backlog >= BACKLOG_MAX || this.#state === undefined) return false;
    const queues = this.#rotated(scope === 'all' && settings.clock.monotonic() >= this.#restUntil);
    await this.#dropApplied(queues);
    const began = settings.clock.monotonic();
    const batch = planBatch(queues, this.#planning(this.#state));
    if (batch.failure?.stateSpoilt) this.#giveUp(batch);
    if (batch.items > 0) await this.#commit(batch, this.#state);
    if (batch.items > 0)
      settings.metrics.batchCommitted(batch.items, (settings.clock.monotonic() - began) / 1_000);
    if (batch.failure !== null) this.#rest(batch);
    return batch.items > 0;
  }

  /** Marks published rows when no commit has taken the mark along; with `atOnce` without waiting for one. */
  async mark(atOnce = false): Promise<void> {
    if (!this.#hasMark() || (!atOnce && this.#unmarkedMsLeft() > 0)) return;
    await this.#write({ inbox: [], outbox: [], parked: [], unparked: [] }, []);
  }

  #hasMark(): boolean {
    return this.#parts.publisher.publishedSeq > this.#markedSeq;
  }

  /** Counted from when published rows were first seen unmarked, so that a commit soon after takes the mark along. */
  #unmarkedMsLeft(): number {
    const now = this.#parts.settings.clock.monotonic();
    this.#unmarkedSince ??= now;
    return this.#unmarkedSince + MARK_MS - now;
  }

  #queues(withStreams: boolean): ItemQueue[] {
    const streams = withStreams ? this.#parts.sources.map(({ queue }) => queue) : [];
    return [this.#local, this.#takenBack, ...streams];
  }

  /** Submitted inputs first; the streams take turns in beginning, so that a busy one cannot starve the others. */
  #rotated(withStreams: boolean): ItemQueue[] {
    const [local, takenBack, ...streams] = this.#queues(withStreams) as [
      ItemQueue,
      ItemQueue,
      ...ItemQueue[],
    ];
    if (streams.length === 0) return [local];
    this.#turn = (this.#turn + 1) % streams.length;
    return [local, takenBack, ...streams.slice(this.#turn), ...streams.slice(0, this.#turn)];
  }

  #planning(state: State): Planning {
    const { settings } = this.#parts;
    return {
      decide: (input, context) => settings.processor.decide(state, input, context),
      writer: this.#writer,
      batchMax: this.#alone > 0 ? 1 : settings.batchMax,
      maxFailures: settings.maxFailures,
      joinWaitMs: settings.joinWaitMs,
      lockstep: settings.lockstep,
      wallNow: settings.clock.wall(),
      monotonicNow: settings.clock.monotonic(),
      nextSeq: this.#nextSeq,
      isHeld: (key) => this.#held.has(key),
    };
  }

  /** Ids that had their effect are dropped before deciding: the recent ones by memory, suspects by the inbox. */
  async #dropApplied(queues: readonly ItemQueue[]): Promise<void> {
    const { settings } = this.#parts;
    const suspects: Item[] = [];
    for (const queue of queues) {
      for (let i = 0; i < settings.batchMax; i += 1) {
        const item = queue.at(i);
        if (item === undefined) break;
        if (item.work.kind !== 'skip' && this.#recent.has(item.eventId)) item.work = { kind: 'skip' };
        else if (item.suspect) suspects.push(item);
      }
    }
    if (suspects.length === 0) return;
    const scope = { schema: settings.schema, run: settings.run, grp: this.#grp };
    const applied = await appliedIds(
      settings.pool,
      scope,
      suspects.map(({ eventId }) => eventId),
    );
    for (const item of suspects) {
      item.suspect = false;
      if (applied.has(item.eventId)) item.work = { kind: 'skip' };
    }
  }

  async #commit(batch: Batch, state: State): Promise<void> {
    const { settings } = this.#parts;
    if (batch.inbox.length + batch.parked.length + batch.unparked.length > 0) {
      const writes = batch.inbox.length > 0 ? settings.processor.rows(state) : [];
      await this.#write(batch, writes).catch((error: unknown) => this.#writeFailed(batch, error));
      this.#lastCommitAt = settings.clock.wall();
    }
    this.#alone = Math.max(0, this.#alone - batch.items);
    this.#nextSeq += batch.outbox.length;
    this.#recent.add(batch.inbox);
    const acks = this.#take(batch);
    this.#parts.publisher.add({ rows: batch.outbox, acks, at: settings.clock.monotonic() });
    for (const reply of batch.replies) reply();
    if (batch.effects.length > 0) this.#afterCommit(batch.effects, state);
    if (batch.parked.length + batch.unparked.length > 0) await this.#parkedChanged(batch);
  }

  async #write(
    batch: Pick<Batch, 'inbox' | 'outbox' | 'parked' | 'unparked'>,
    writes: readonly TableWrite[],
  ): Promise<void> {
    const { settings, lease, publisher } = this.#parts;
    const to = publisher.publishedSeq;
    const statement = commitStatement({
      schema: settings.schema,
      partition: settings.partition,
      run: settings.run,
      epoch: lease.epoch,
      grp: this.#grp,
      inbox: batch.inbox,
      outbox: batch.outbox,
      writes,
      parked: batch.parked.map((entry) => parkedRow(entry, settings.group)),
      unparked: batch.unparked.flatMap(({ parkedPosition }) => parkedPosition ?? []),
      published: to > this.#markedSeq ? { from: this.#markedSeq, to } : null,
    });
    const { rows } = await lease.query<{ held: number }>(statement);
    if (rows[0]?.held !== 1) throw new Interrupt('lease-lost');
    this.#markedSeq = Math.max(this.#markedSeq, to);
    this.#unmarkedSince = null;
  }

  #writeFailed(batch: Batch, error: unknown): never {
    const { settings } = this.#parts;
    if (error instanceof Interrupt) throw error;
    if (violates(error, settings.schema, 'inbox')) {
      this.#suspectAll();
      throw new Interrupt('state-lost', { cause: error });
    }
    const { verdict } = ruleOn(error);
    if (verdict === 'crash') throw error;
    if (verdict === 'park') this.#isolate(batch, error as Error);
    throw new Interrupt('state-lost', { cause: error, pause: true });
  }

  /** Some item's rows are refused: commit one by one, and count the failure when it is known whose. */
  #isolate(batch: Batch, error: Error): void {
    if (batch.items > 1) {
      this.#alone = batch.items;
      return;
    }
    for (const [queue] of batch.taken) {
      const item = queue.at(0);
      if (item === undefined) continue;
      item.tries += 1;
      item.attempts += 1;
      if (item.reply !== null || item.attempts >= this.#parts.settings.maxFailures) {
        item.work = { kind: 'fault', error };
      }
    }
  }

  /** What is in the queues may have been applied: it is looked up before it is decided. */
  #suspectAll(): void {
    for (const source of this.#parts.sources) source.suspect = true;
    for (const queue of this.#queues(true)) {
      for (const item of queue) {
        item.result = undefined;
        if (item.work.kind !== 'skip') item.suspect = true;
      }
    }
  }

  /** Removes the batch from the queues; returns what is to be acknowledged once it is published. */
  #take(batch: Batch) {
    const acks = new Map<string, { group: string; ids: string[] }>();
    const groups = new Map(this.#parts.sources.map(({ queue, group }) => [queue, group]));
    for (const [queue, count] of batch.taken) {
      const group = groups.get(queue);
      if (group !== undefined) {
        const ids: string[] = [];
        for (let i = 0; i < count; i += 1) ids.push(queue.at(i)?.entryId ?? '');
        acks.set(queue.name, { group, ids });
      }
      queue.shift(count);
    }
    return acks;
  }

  #afterCommit(effects: readonly unknown[], state: State): void {
    const { processor, logger } = this.#parts.settings;
    try {
      processor.afterCommit?.(effects, state);
    } catch (error) {
      logger.error({ err: error }, 'afterCommit threw: its effects are left to the next recovery');
    }
  }

  async #parkedChanged(batch: Batch): Promise<void> {
    const { pool, logger } = this.#parts.settings;
    for (const { item, error } of batch.parked) {
      const { stream, entryId, eventId, key, attempts } = item;
      const fields = { err: error, stream, entryId, eventId, key, attempts, ...traceOf(item) };
      logger.error(fields, 'entry parked, its key is held');
    }
    this.#held = await heldKeys(pool, this.#parts.settings);
  }

  /** `decide` threw: what it left of the state is not known. */
  #giveUp(batch: Batch): never {
    const error = batch.failure?.error;
    if (ruleOn(error).verdict === 'crash') throw error as Error;
    this.#rest(batch);
    throw new Interrupt('state-lost', { cause: error });
  }

  /** The partition's streams wait while an entry is retried; submitted inputs go on. */
  #rest(batch: Batch): void {
    if (batch.failure === null) return;
    const { settings } = this.#parts;
    const { item, error } = batch.failure;
    const { verdict, reason } = ruleOn(error);
    if (verdict === 'crash') throw error;
    settings.metrics.retried(reason);
    const { eventId, key, attempts } = item;
    const fields = { err: error, eventId, key, attempts, reason, ...traceOf(item) };
    settings.logger.warn(fields, 'entry failed, repeating');
    if (item.work.kind === 'fault') return;
    this.#restUntil = settings.clock.monotonic() + backoffMs(item.tries, settings.backoff);
  }
}
