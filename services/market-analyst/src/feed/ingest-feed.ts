import { defineError } from '@fleet/shared/errors';
import type { fieldFaults } from '@fleet/shared/http';
import type { RunnerControl } from '@fleet/shared/streams';
import { BEFORE_ALL, type ExactBar } from '../bar-set/decide.ts';
import type { LeasedFeed } from '../signals/processor.ts';
import type { AnalystState } from '../signals/state.ts';
import { impossibility } from './check-bar.ts';
import { beginFeed, type PublisherOptions, SetPublisher } from './set-publisher.ts';

export const IngestNotLeading = defineError({
  code: 'INGEST_NOT_LEADING',
  title: 'This replica does not take bars in',
  status: 503,
  retry: 'retry',
  action: 'Send the bars to the replica whose /status says leader; a takeover lasts one lease.',
});

type FieldFault = Parameters<typeof fieldFaults>[0][number];

export interface Ingested {
  readonly taken: number;
  /** Repetitions, and bars of sets that have left. */
  readonly known: number;
  readonly sets: number;
}

/**
 * Bars from outside instead of a venue. Who sends them vouches for their order: a symbol's bar says that what it
 * lacks before has never been, and `closedThrough` says it for symbols without a later bar.
 */
export class IngestFeed implements LeasedFeed {
  readonly #options: Omit<PublisherOptions, 'control'>;
  #control: RunnerControl | null = null;
  #publisher: SetPublisher | null = null;
  /** Requests one after another: each sees what the one before it has left. */
  #tail: Promise<unknown> = Promise.resolve();

  constructor(options: Omit<PublisherOptions, 'control'>) {
    this.#options = options;
  }

  get active(): boolean {
    return this.#control !== null;
  }

  start(control: RunnerControl): void {
    this.#control = control;
    this.#publisher = null;
  }

  stop(): void {
    this.#control = null;
    this.#publisher = null;
  }

  /** What is wrong with the bars, by place in the list. */
  faults(bars: readonly ExactBar[]): readonly FieldFault[] {
    const { intervalMs, assignments } = this.#options.scope;
    const symbols = assignments.map(({ symbol }) => symbol);
    return bars.flatMap((bar, index): FieldFault[] => {
      const field = `bars.${index}`;
      if (!symbols.includes(bar.symbol))
        return [{ in: 'body', field: `${field}.symbol`, message: `must be one of ${symbols.join(', ')}` }];
      const fault = impossibility(bar, intervalMs);
      if (fault === null) return [];
      const numbers = Object.entries(fault.numbers).map(([name, value]) => `${name}=${value}`);
      return [{ in: 'body', field, message: `is impossible: ${fault.code} ${numbers.join(' ')}` }];
    });
  }

  /** @throws INGEST_NOT_LEADING when another replica holds the lease. */
  take(bars: readonly ExactBar[], closedThrough: number | null): Promise<Ingested> {
    const taken = this.#tail.then(() => this.#take(bars, closedThrough));
    this.#tail = taken.catch(() => {
      // What was in hand is gone with the failure; the next request begins after what is committed.
      this.#publisher = null;
    });
    return taken;
  }

  async #take(bars: readonly ExactBar[], closedThrough: number | null): Promise<Ingested> {
    const publisher = await this.#opened();
    const { assignments } = this.#options.scope;
    let taken = 0;
    for (const bar of bars) {
      if (publisher.offer(bar, false) === 'taken') taken += 1;
      publisher.settle(bar.symbol, bar.openTime);
    }
    if (closedThrough !== null) for (const { symbol } of assignments) publisher.settle(symbol, closedThrough);
    return { taken, known: bars.length - taken, sets: await publisher.publish() };
  }

  async #opened(): Promise<SetPublisher> {
    const control = this.#control;
    if (control === null) throw new IngestNotLeading();
    if (this.#publisher !== null) return this.#publisher;
    const options = { ...this.#options, control };
    const committed = (): number | null => (control.state() as AnalystState).cursor;
    if (committed() === null) await beginFeed(options, BEFORE_ALL);
    this.#publisher = new SetPublisher(options, committed() ?? BEFORE_ALL);
    return this.#publisher;
  }
}
