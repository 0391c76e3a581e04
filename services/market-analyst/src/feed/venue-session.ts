import type { ExactBar } from '../bar-set/decide.ts';
import type { BarVenue } from '../venue/port.ts';
import { barsFrom } from './bar-history.ts';
import type { SetPublisher } from './set-publisher.ts';
import { Wake } from './wake.ts';

export interface SessionOptions {
  readonly venue: BarVenue;
  readonly symbols: readonly string[];
  readonly intervalMs: number;
  /** How long a symbol's bar may come after another's of the same minute before the venue is asked for it. */
  readonly graceMs: number;
  /** After so long without a bar the venue is asked whether there is one: a dead connection looks like silence. */
  readonly probeMs: number;
  readonly monotonic: () => number;
  readonly onRepaired: (kind: 'connect' | 'gap' | 'late' | 'probe', bars: number) => void;
}

/** Probes in a row that may find what the stream did not bring; then it is taken for dead. */
const SILENT_PROBES_MAX = 2;

/** One connection: bars that are heard, questions about those that are not, closed sets out. One loop, no overlap. */
export class VenueSession {
  readonly #options: SessionOptions;
  readonly #publisher: SetPublisher;
  readonly #wake = new Wake();
  #heardAt: number;
  #lateSince: { readonly openTime: number; readonly at: number } | null = null;
  #silentProbes = 0;

  constructor(options: SessionOptions, publisher: SetPublisher) {
    this.#options = options;
    this.#publisher = publisher;
    this.#heardAt = options.monotonic();
  }

  hear(bar: ExactBar): void {
    this.#heardAt = this.#options.monotonic();
    this.#silentProbes = 0;
    this.#publisher.offer(bar, false);
    this.#wake.notify();
  }

  /** Everything that the venue has closed since the last set. */
  async repair(kind: 'connect' | 'probe'): Promise<number> {
    const { symbols } = this.#options;
    const found = await Promise.all(
      symbols.map(async (symbol) => {
        const bars = await this.#fetch(symbol, this.#publisher.nextOpenTime);
        const last = bars.at(-1);
        if (last !== undefined) this.#publisher.settle(symbol, last.openTime);
        return this.#offer(bars);
      }),
    );
    const taken = found.reduce((sum, count) => sum + count, 0);
    if (taken > 0) this.#options.onRepaired(kind, taken);
    return taken;
  }

  /** Until the signal is aborted. Rejects when the venue or a commit fails. */
  async run(signal: AbortSignal): Promise<void> {
    const wakeUp = (): void => this.#wake.notify();
    signal.addEventListener('abort', wakeUp);
    try {
      while (!signal.aborted) await this.#step();
    } finally {
      signal.removeEventListener('abort', wakeUp);
    }
  }

  async #step(): Promise<void> {
    await this.#publisher.publish();
    const question = this.#publisher.question();
    if (question === null) return this.#idle();
    const waitMs = question.kind === 'gap' ? 0 : this.#graceLeft(question.to);
    if (waitMs > 0) return this.#wake.wait(waitMs);
    let taken = 0;
    for (const symbol of question.symbols) {
      taken += this.#offer(await this.#fetch(symbol, question.from, question.to));
      this.#publisher.settle(symbol, question.to);
    }
    if (taken > 0) this.#options.onRepaired(question.kind, taken);
  }

  async #idle(): Promise<void> {
    const silentMs = this.#options.monotonic() - this.#heardAt;
    if (silentMs < this.#options.probeMs) return this.#wake.wait(this.#options.probeMs - silentMs);
    this.#heardAt = this.#options.monotonic();
    if ((await this.repair('probe')) === 0) return;
    this.#silentProbes += 1;
    if (this.#silentProbes >= SILENT_PROBES_MAX)
      throw new Error('the kline stream is silent although the venue has new bars');
  }

  #graceLeft(openTime: number): number {
    const now = this.#options.monotonic();
    if (this.#lateSince?.openTime !== openTime) this.#lateSince = { openTime, at: now };
    return this.#lateSince.at + this.#options.graceMs - now;
  }

  #fetch(symbol: string, from: number, to?: number): Promise<readonly ExactBar[]> {
    const { venue, intervalMs } = this.#options;
    return barsFrom(venue, { symbol, from, intervalMs, ...(to === undefined ? {} : { to }) });
  }

  #offer(bars: readonly ExactBar[]): number {
    return bars.filter((bar) => this.#publisher.offer(bar, true) === 'taken').length;
  }
}
