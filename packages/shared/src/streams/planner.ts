import type { Item } from './item.ts';
import type { ItemQueue } from './item-queue.ts';
import { type OutboxRow, rowOfDeadLetter, rowsOfEvent, type Unnumbered, type Writer } from './outgoing.ts';
import type { DecideContext, Decided, Input } from './processor.ts';
import { ruleOn } from './retry.ts';
import { KeyHeldError } from './stream-errors.ts';

export interface ParkedEntry {
  readonly item: Item;
  readonly error: Error;
}

/** What one commit will write and what follows it. Nothing in the queues has changed yet. */
export interface Batch {
  readonly taken: Map<ItemQueue, number>;
  readonly inbox: string[];
  readonly outbox: OutboxRow[];
  readonly parked: ParkedEntry[];
  /** Rows of parked entries that were taken back and are decided now. */
  readonly unparked: Item[];
  readonly effects: unknown[];
  /** Answers to submitted inputs, given after the commit. */
  readonly replies: (() => void)[];
  /** Stopped here: the entry (or the state it left) needs a repetition. */
  failure: Failure | null;
  items: number;
}

export interface Failure {
  readonly item: Item;
  readonly error: Error;
  /** `decide` threw: the state may be half changed and nothing of this batch may be written. */
  readonly stateSpoilt: boolean;
}

export interface Planning {
  decide(input: Input, context: DecideContext): Decided;
  readonly writer: Writer;
  readonly batchMax: number;
  readonly maxFailures: number;
  readonly joinWaitMs: number;
  readonly lockstep: boolean;
  readonly wallNow: number;
  readonly monotonicNow: number;
  readonly nextSeq: number;
  isHeld(key: string): boolean;
}

/** So many in a row from one queue before the next has its turn. */
const TURN = 16;

/**
 * Decides the heads of the queues, in the order given, a turn of each at a time, until the batch is full or nothing
 * moves. Within a queue the order is that of the queue: an entry that waits keeps everything behind it. What waited
 * is tried again when another queue has moved on.
 */
export function planBatch(queues: readonly ItemQueue[], planning: Planning): Batch {
  return new Planner(planning).plan(queues);
}

type Step = 'taken' | 'stays' | 'stop';

class Planner {
  readonly #planning: Planning;
  readonly #batch: Batch = {
    taken: new Map(),
    inbox: [],
    outbox: [],
    parked: [],
    unparked: [],
    effects: [],
    replies: [],
    failure: null,
    items: 0,
  };
  /** Results by event id, also to answer a repetition of it in the same batch. */
  readonly #results = new Map<string, unknown>();
  readonly #newlyHeld = new Set<string>();

  constructor(planning: Planning) {
    this.#planning = planning;
  }

  plan(queues: readonly ItemQueue[]): Batch {
    for (let moved = true; moved; ) {
      moved = false;
      for (const queue of queues) {
        const count = this.#turn(queue);
        if (this.#batch.failure !== null || this.#isFull()) return this.#batch;
        if (count > 0) moved = true;
      }
    }
    return this.#batch;
  }

  #turn(queue: ItemQueue): number {
    const before = this.#batch.taken.get(queue) ?? 0;
    let offset = before;
    while (offset - before < TURN && !this.#isFull()) {
      const item = queue.at(offset);
      if (item === undefined) break;
      if (this.#step(queue, item) !== 'taken') break;
      queue.blockedFor = null;
      offset += 1;
      this.#batch.items += 1;
    }
    if (offset > before) this.#batch.taken.set(queue, offset);
    return offset - before;
  }

  #isFull(): boolean {
    return this.#batch.items >= this.#planning.batchMax;
  }

  #step(queue: ItemQueue, item: Item): Step {
    const { work } = item;
    if (work.kind === 'skip') return this.#skip(item, undefined);
    if (item.entryId !== null && this.#isHeld(item.key)) {
      return this.#park(item, work.kind === 'fault' ? work.error : held(item));
    }
    if (this.#results.has(item.eventId)) return this.#skip(item, this.#results.get(item.eventId));
    if (work.kind === 'fault') return this.#setAside(item, work.error);
    if (work.kind === 'drop') return this.#done(item, { kind: 'done' }, []);
    return this.#decide(queue, item, work.input);
  }

  #isHeld(key: string): boolean {
    return key !== '' && (this.#newlyHeld.has(key) || this.#planning.isHeld(key));
  }

  #skip(item: Item, result: unknown): Step {
    if (item.parkedPosition !== null) this.#batch.unparked.push(item);
    if (item.reply !== null) this.#batch.replies.push(() => item.reply?.resolve(result ?? item.result));
    return 'taken';
  }

  #decide(queue: ItemQueue, item: Item, input: Input): Step {
    let decided: Decided;
    let rows: Unnumbered[] = [];
    try {
      decided = this.#planning.decide(input, this.#context(item));
      if (decided.kind === 'done') rows = this.#rows(decided.events ?? [], input);
    } catch (error) {
      return this.#fail(item, error instanceof Error ? error : new Error(String(error)), true);
    }
    if (decided.kind === 'wait') return this.#wait(queue, item, decided.for);
    if (decided.kind === 'reject') return this.#fail(item, decided.error, false);
    return this.#done(item, decided, rows);
  }

  #context(item: Item): DecideContext {
    const { lockstep, joinWaitMs, monotonicNow, wallNow } = this.#planning;
    const waited = item.waitingSince === null ? 0 : monotonicNow - item.waitingSince;
    item.waitExpired = !lockstep && item.waitingSince !== null && waited >= joinWaitMs;
    return { wallNow, waitExpired: item.waitExpired };
  }

  #rows(
    events: readonly { type: string; key: string; ts: string; data: unknown; id?: string }[],
    input: Input,
  ) {
    return events.flatMap((event, ordinal) => rowsOfEvent(event, ordinal, input, this.#planning.writer));
  }

  #wait(queue: ItemQueue, item: Item, reason: string): Step {
    item.waitingSince ??= this.#planning.monotonicNow;
    queue.blockedFor = reason;
    return 'stays';
  }

  #done(item: Item, decided: Extract<Decided, { kind: 'done' }>, rows: readonly Unnumbered[]): Step {
    item.result = decided.result;
    this.#results.set(item.eventId, decided.result);
    this.#batch.inbox.push(item.eventId);
    for (const row of rows) this.#publish(row);
    if (decided.effects !== undefined) this.#batch.effects.push(...decided.effects);
    if (item.parkedPosition !== null) this.#batch.unparked.push(item);
    if (item.reply !== null) this.#batch.replies.push(() => item.reply?.resolve(decided.result));
    return 'taken';
  }

  #publish(row: Unnumbered): void {
    this.#batch.outbox.push({ ...row, seq: this.#planning.nextSeq + this.#batch.outbox.length });
  }

  #fail(item: Item, error: Error, stateSpoilt: boolean): Step {
    const { verdict } = ruleOn(error);
    item.tries += 1;
    if (verdict === 'park') item.attempts += 1;
    // Whoever submitted it repeats it; only the kit can repeat a stream entry.
    const isLast = item.reply !== null || (verdict === 'park' && item.attempts >= this.#planning.maxFailures);
    const gaveUp = verdict !== 'crash' && isLast;
    if (gaveUp && !stateSpoilt) return this.#setAside(item, error);
    if (gaveUp) item.work = { kind: 'fault', error };
    this.#batch.failure = { item, error, stateSpoilt };
    return 'stop';
  }

  /** Whoever waits for an answer is told; a stream entry is parked. */
  #setAside(item: Item, error: Error): Step {
    if (item.reply === null) return this.#park(item, error);
    this.#batch.replies.push(() => item.reply?.reject(error));
    return 'taken';
  }

  #park(item: Item, error: Error): Step {
    if (item.key !== '') this.#newlyHeld.add(item.key);
    this.#batch.parked.push({ item, error });
    this.#publish(
      rowOfDeadLetter(item, error, new Date(this.#planning.wallNow).toISOString(), this.#planning.writer),
    );
    return 'taken';
  }
}

function held(item: Item): Error {
  return new KeyHeldError(`an earlier entry of key ${item.key} is parked`, { context: { key: item.key } });
}
