import type { Input, LocalInput, RunnerControl } from '@fleet/shared/streams';
import type { ExactBar } from '../bar-set/decide.ts';
import type { createProcessor } from '../signals/processor.ts';
import type { AnalystState } from '../signals/state.ts';
import type { BarVenue, Following, KlineRange } from '../venue/port.ts';

export const MINUTE = 60_000;

/** A venue in memory whose stream can be told to lose, repeat and break. */
export class FakeVenue implements BarVenue {
  readonly name = 'simulator';
  readonly asked: KlineRange[] = [];
  followers = 0;
  /** How the next messages are treated: so many copies of each. */
  copies: (bar: ExactBar) => number = () => 1;
  unreachable = false;
  readonly #bars: ExactBar[];
  #closed = 0;
  #onBar: ((bar: ExactBar) => void) | null = null;
  #break: ((error: Error) => void) | null = null;

  /** `closed`: bars that are history when the test begins. */
  constructor(bars: readonly ExactBar[], closed = 0) {
    this.#bars = [...bars].sort((left, right) => left.openTime - right.openTime);
    this.#closed = closed;
  }

  /** Closes the next minute that has a bar; false at the end. */
  closeNext(): boolean {
    const openTime = this.#bars[this.#closed]?.openTime;
    if (openTime === undefined) return false;
    while (this.#bars[this.#closed]?.openTime === openTime) this.#closed += 1;
    for (const bar of this.#bars.filter((candidate) => candidate.openTime === openTime)) {
      for (let copy = this.copies(bar); copy > 0; copy -= 1) this.#onBar?.(bar);
    }
    return true;
  }

  disconnect(): void {
    this.#break?.(new Error('connection lost'));
  }

  async open(): Promise<void> {
    if (this.unreachable) throw new Error('unreachable');
  }

  async follow(onBar: (bar: ExactBar) => void): Promise<Following> {
    if (this.unreachable) throw new Error('unreachable');
    const { promise, reject } = Promise.withResolvers<never>();
    promise.catch(() => undefined);
    this.followers += 1;
    this.#onBar = onBar;
    const end = (error: Error): void => {
      if (this.#break !== end) return;
      this.followers -= 1;
      this.#onBar = null;
      this.#break = null;
      reject(error);
    };
    this.#break = end;
    return { ended: promise, stop: async () => end(new Error('stopped')) };
  }

  async klines(range: KlineRange): Promise<readonly ExactBar[]> {
    if (this.unreachable) throw new Error('unreachable');
    this.asked.push(range);
    const { symbol, from, to = Number.POSITIVE_INFINITY, limit = 1_000 } = range;
    const found = this.#bars
      .slice(0, this.#closed)
      .filter((bar) => bar.symbol === symbol && bar.openTime >= (from ?? 0) && bar.openTime <= to);
    return from === undefined ? found.slice(-limit) : found.slice(0, limit);
  }

  async lastClosed(): Promise<number | null> {
    return this.#bars[this.#closed - 1]?.openTime ?? null;
  }

  async close(): Promise<void> {}
}

/** The runner's promises in memory: one queue, ids once, decisions in order. */
export class MemoryRunner implements RunnerControl {
  readonly events: { readonly type: string; readonly data: unknown }[] = [];
  readonly submitted: string[] = [];
  /** Makes the next submissions fail before they are decided. */
  failures = 0;
  #state: AnalystState;
  readonly #processor: ReturnType<typeof createProcessor>;
  readonly #applied = new Set<string>();

  constructor(processor: ReturnType<typeof createProcessor>, state: AnalystState) {
    this.#processor = processor;
    this.#state = state;
  }

  async submit(input: LocalInput): Promise<unknown> {
    this.submitted.push(input.type);
    await new Promise((resolve) => setImmediate(resolve));
    if (this.failures > 0) {
      this.failures -= 1;
      throw new Error('not committed');
    }
    if (this.#applied.has(input.id)) return undefined;
    this.#applied.add(input.id);
    const whole: Input = {
      ...{ stream: null, causationId: null, requestId: input.id, traceparent: '' },
      ...{ id: input.id, type: input.type, key: input.key, ts: input.ts, data: input.data },
    };
    const decided = this.#processor.decide(this.#state, whole, { wallNow: 0, waitExpired: false });
    if (decided.kind === 'reject') {
      this.#applied.delete(input.id);
      throw decided.error;
    }
    if (decided.kind === 'wait') throw new Error(`waits for ${decided.for}`);
    this.events.push(...(decided.events ?? []));
    this.#processor.rows(this.#state);
    return decided.result;
  }

  state(): AnalystState {
    return this.#state;
  }

  holdsLease(): boolean {
    return true;
  }
}

export function wave(symbol: string, openTime: number): ExactBar {
  const close = (100 + 10 * Math.sin(openTime / MINUTE / 3)).toFixed(2);
  return { symbol, openTime, open: close, high: close, low: close, close, volume: '1' };
}
