import { eventId } from '@fleet/domain/events';
import type { LocalInputs } from '../supervision/inputs.ts';
import type { Board } from './board.ts';

export interface TickerOptions {
  readonly board: Board;
  readonly run: string;
  readonly cycleTimeoutMs: number;
  readonly flattenTimeoutMs: number;
  readonly wall: () => number;
  readonly submit: <Type extends 'cycle.overdue' | 'flatten.overdue'>(
    type: Type,
    id: string,
    data: LocalInputs[Type],
  ) => Promise<unknown>;
  readonly onFailure: (error: unknown) => void;
}

const CHECK_MS = 500;

/** Looks for what takes too long by the wall clock. Never started in lock-step, where nothing times out. */
export class Ticker {
  readonly #options: TickerOptions;
  #timer: NodeJS.Timeout | undefined;
  #startedAt = 0;
  /** When a cycle was seen of which no bar has come yet. */
  #seen = new Map<string, number>();
  /** The flatten that is under way, and since when it was seen. */
  #flatten: { readonly id: string; readonly since: number } | null = null;

  constructor(options: TickerOptions) {
    this.#options = options;
  }

  /** After a restart everything gets its whole time again: the other services may have been away as well. */
  start(): void {
    this.stop();
    this.#startedAt = this.#options.wall();
    this.#timer = setInterval(() => this.check(), CHECK_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#flatten = null;
  }

  /** One look at everything. */
  check(): void {
    const now = this.#options.wall();
    this.#checkCycles(now);
    this.#checkFlatten(now);
  }

  #checkCycles(now: number): void {
    const { board, cycleTimeoutMs } = this.#options;
    const seen = new Map<string, number>();
    for (const { cycleId, status, openedAt } of board.all()) {
      if (status !== 'open' && status !== 'planned') continue;
      const begun = openedAt ?? this.#seen.get(cycleId) ?? now;
      if (openedAt === null) seen.set(cycleId, begun);
      if (now - Math.max(begun, this.#startedAt) > cycleTimeoutMs)
        this.#submit('cycle.overdue', cycleId, { cycleId, at: now });
    }
    this.#seen = seen;
  }

  #checkFlatten(now: number): void {
    const trading = this.#options.board.figures?.trading;
    const id = trading?.reason === 'FLATTENING' ? trading.flattenId : null;
    if (id === null) {
      this.#flatten = null;
      return;
    }
    if (this.#flatten?.id !== id) this.#flatten = { id, since: now };
    if (now - this.#flatten.since > this.#options.flattenTimeoutMs)
      this.#submit('flatten.overdue', id, { flattenId: id, at: now });
  }

  #submit<Type extends 'cycle.overdue' | 'flatten.overdue'>(
    type: Type,
    name: string,
    data: LocalInputs[Type],
  ): void {
    const { submit, run, onFailure } = this.#options;
    submit(type, eventId(run, type, name), data).catch(onFailure);
  }
}
