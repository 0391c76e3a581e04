import type { Command, OrderCommand, Step } from '../exchange/command.ts';
import { Exchange, type ExchangeOptions, type ExchangeSnapshot, type Outcome } from '../exchange/exchange.ts';
import type { UserEvent } from '../exchange/user-events.ts';
import { type BarSet, barSet, type Market } from '../market/market.ts';
import { JournalUnusable, JournalUnwritable } from '../simulator-errors.ts';
import type { Journal, JournalEntry } from './journal.ts';
import {
  type AdvanceAnswer,
  type Cursor,
  moved,
  nextOpenTime,
  type ReplayPosition,
  START,
  sameCursor,
} from './replay-position.ts';

export interface SimulationSnapshot {
  readonly seq: number;
  readonly exchange: ExchangeSnapshot;
  readonly position: ReplayPosition;
}

/** Who hears what happens, in this order and after it is on the disk. */
export interface Listener {
  userEvents(events: readonly UserEvent[]): void;
  /** A set closed; `time` is the market time. */
  setClosed(set: BarSet, time: number): void;
}

export interface SimulationOptions extends Omit<ExchangeOptions, 'snapshot'> {
  readonly journal: Journal;
  readonly snapshot?: SimulationSnapshot | undefined;
  /** Entries of the journal; those that the snapshot holds already are passed over. */
  readonly entries?: readonly JournalEntry[];
  /** Called now and then with a state that needs the journal only from its `seq` on. */
  readonly saveSnapshot?: (snapshot: SimulationSnapshot) => void;
  readonly onFinished?: () => void;
  /** The journal cannot be written: the process must end, and go on from what is written. */
  readonly onBroken?: ((error: Error) => void) | undefined;
}

/** Entries between two snapshots: bounds what a continued run replays. */
const SNAPSHOT_ENTRIES = 2_000;

/** `advance` named a place where the replay does not stand. */
export class CursorMismatch extends Error {
  readonly code = 'CURSOR_MISMATCH';
  override readonly name = 'CursorMismatch';
}

/**
 * A run: the exchange and the place in its market. Keeps true: what changed state is in the journal, synced, before
 * anyone hears of it; so a process that is cut continues with everything that it ever answered.
 */
export class Simulation {
  readonly exchange: Exchange;
  readonly market: Market;
  private readonly journal: Journal;
  private readonly saveSnapshot: ((snapshot: SimulationSnapshot) => void) | undefined;
  private readonly onFinished: (() => void) | undefined;
  private readonly onBroken: ((error: Error) => void) | undefined;
  private readonly listeners = new Set<Listener>();
  private position: ReplayPosition;
  private seq: number;
  /** Set when the journal could not be written: memory is ahead of it, so nothing may be answered any more. */
  private broken: Error | null = null;

  constructor(options: SimulationOptions) {
    const { snapshot } = options;
    this.market = options.market;
    this.exchange = new Exchange({ ...options, snapshot: snapshot?.exchange });
    this.position = snapshot?.position ?? START;
    this.seq = snapshot?.seq ?? 0;
    this.journal = options.journal;
    this.saveSnapshot = options.saveSnapshot;
    this.onFinished = options.onFinished;
    this.onBroken = options.onBroken;
    for (const entry of options.entries ?? []) if (entry.seq > this.seq) this.repeat(entry);
  }

  get finished(): boolean {
    return this.position.cursor?.step === 'end';
  }

  get cursor(): Cursor | null {
    return this.position.cursor;
  }

  /** Sets closed so far. */
  get sets(): number {
    return this.position.sets;
  }

  listen(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Applies an order command; a command that was refused as a whole leaves no trace. */
  submit(command: OrderCommand): Outcome {
    if (this.broken !== null) throw this.broken;
    const outcome = this.exchange.apply(command);
    if (outcome.events.length > 0) this.record(command, outcome.events);
    return outcome;
  }

  /**
   * Lock-step: the next step that could match something, the close of the set, or the end of the market. With `after`
   * it is idempotent: the cursor of the answer before the last one gets the last answer again.
   * @throws CursorMismatch when `after` is neither.
   */
  advance(after?: Cursor | null): AdvanceAnswer {
    const { last, cursor, before } = this.position;
    if (last?.done) return last;
    if (after !== undefined && !sameCursor(after, cursor)) {
      if (last !== null && sameCursor(after, before)) return last;
      throw new CursorMismatch(
        `the replay stands at ${JSON.stringify(cursor)}, not at ${JSON.stringify(after)}`,
      );
    }
    const openTime = nextOpenTime(this.market, cursor);
    if (openTime === null) return this.perform('end', cursor?.openTime ?? this.market.from);
    return this.perform(this.nextStep(openTime), openTime);
  }

  /** Open time of the set that a paced replay works on next; null at the market's end. */
  nextOpenTime(): number | null {
    return nextOpenTime(this.market, this.position.cursor);
  }

  couldMatch(step: 'open' | 'path', openTime: number): boolean {
    return this.exchange.couldMatch(step, barSet(this.market, openTime));
  }

  /** Does one step, writes it down and tells the listeners. */
  perform(step: Step, openTime: number): AdvanceAnswer {
    if (this.broken !== null) throw this.broken;
    const { set, events, answer } = this.move(step, openTime);
    this.record({ kind: 'step', step, openTime }, events);
    if (step === 'close') for (const listener of this.listeners) listener.setClosed(set, answer.time);
    if (step === 'end') this.onFinished?.();
    return answer;
  }

  snapshot(): SimulationSnapshot {
    return { seq: this.seq, exchange: this.exchange.snapshot(), position: this.position };
  }

  private nextStep(openTime: number): Step {
    const step = this.position.cursor?.openTime === openTime ? this.position.cursor.step : null;
    const set = barSet(this.market, openTime);
    if (step === null && this.exchange.couldMatch('open', set)) return 'open';
    if (step !== 'path' && this.exchange.couldMatch('path', set)) return 'path';
    return 'close';
  }

  private move(step: Step, openTime: number) {
    const { set, events } = this.exchange.step(step, openTime);
    this.position = moved(this.position, step, set, this.exchange.marketTime);
    const answer = this.position.last;
    if (answer === null) throw new Error('a step without an answer');
    return { set, events, answer };
  }

  private record(command: Command, events: readonly UserEvent[]): void {
    this.seq += 1;
    this.write({ seq: this.seq, command, events: events.length });
    if (this.seq % SNAPSHOT_ENTRIES === 0) this.saveSnapshot?.(this.snapshot());
    if (events.length > 0) for (const listener of this.listeners) listener.userEvents(events);
  }

  private write(entry: JournalEntry): void {
    try {
      this.journal.append(entry);
    } catch (cause) {
      this.broken = new JournalUnwritable('the journal cannot be written', { cause });
      this.onBroken?.(this.broken);
      throw this.broken;
    }
  }

  private repeat(entry: JournalEntry): void {
    const { command } = entry;
    const { events } =
      command.kind === 'step' ? this.move(command.step, command.openTime) : this.exchange.apply(command);
    if (events.length !== entry.events)
      throw new JournalUnusable(
        `line ${entry.seq} of the journal gives ${events.length} events now and gave ${entry.events} then`,
        { action: 'The simulator or its rules have changed since: begin a new run with --fresh.' },
      );
    this.seq = entry.seq;
  }
}
