import { eventId } from '@fleet/domain/events';
import type { RunnerControl } from '@fleet/shared/streams';
import { newTraceparent } from '@fleet/shared/telemetry';
import {
  type BarSet,
  type ExactBar,
  nextQuestion,
  offerBar,
  openBarSets,
  type Question,
  questionFrom,
  settle,
  takeSet,
} from '../bar-set/decide.ts';
import type { LocalInputs, WarmUp } from '../signals/inputs.ts';
import { warmUpBars } from '../signals/speaker.ts';
import type { AnalystScope, AnalystState } from '../signals/state.ts';
import type { BarHistory } from './bar-history.ts';
import { impossibility } from './check-bar.ts';

export interface PublisherOptions {
  readonly scope: AnalystScope;
  readonly control: RunnerControl;
  readonly history: BarHistory;
  readonly monotonic: () => number;
  /** Seconds from the last bar of a set, heard or fetched, to the commit of its signals. */
  readonly onPublishSeconds: (seconds: number) => void;
  readonly onRefused: (symbol: string) => void;
}

export type Offered = 'taken' | 'known' | 'refused' | 'impossible';

interface Follower {
  readonly set: BarSet;
  /** Open time of the set before it. */
  readonly after: number;
}

/** Sets of one commit each, submitted together: a gap of a day is repaired in batches. */
const SETS_AT_ONCE_MAX = 64;
const INPUT_KEY = 'bars';

/**
 * Takes bars in and hands closed sets to the decision, in time order. It begins after what is committed; what it
 * submitted and was not committed is simply submitted again by the next one, under the same id.
 */
export class SetPublisher {
  readonly #options: PublisherOptions;
  readonly #sets: ReturnType<typeof openBarSets>;
  readonly #arrivedAt = new Map<number, number>();
  readonly #repaired = new Set<number>();
  #reports: Promise<unknown>[] = [];

  constructor(options: PublisherOptions, cursor: number) {
    const { assignments, intervalMs } = options.scope;
    this.#options = options;
    this.#sets = openBarSets(
      assignments.map(({ symbol }) => symbol),
      intervalMs,
      cursor,
    );
  }

  /** `repaired`: fetched, not heard. */
  offer(bar: ExactBar, repaired: boolean): Offered {
    const fault = impossibility(bar, this.#options.scope.intervalMs);
    if (fault !== null) {
      this.#report(bar, fault);
      return 'impossible';
    }
    const offered = offerBar(this.#sets, bar);
    if (offered !== 'taken') return offered;
    this.#arrivedAt.set(bar.openTime, this.#options.monotonic());
    if (repaired) this.#repaired.add(bar.openTime);
    return offered;
  }

  settle(symbol: string, to: number): void {
    settle(this.#sets, symbol, to);
  }

  question(): Question | null {
    return nextQuestion(this.#sets);
  }

  /** Where the next question about everything begins. */
  get nextOpenTime(): number {
    return questionFrom(this.#sets);
  }

  /** Submits what is closed and waits for the commits. Returns how many sets that were. */
  async publish(): Promise<number> {
    let published = 0;
    for (;;) {
      await this.#reported();
      const sets = this.#take();
      const [first] = sets;
      if (first === undefined) return published;
      const warmUps = await pendingWarmUps(this.#options, first.set.openTime);
      await Promise.all(sets.map((next) => this.#submit(next, next === first ? warmUps : [])));
      published += sets.length;
    }
  }

  #take(): Follower[] {
    const sets: Follower[] = [];
    while (sets.length < SETS_AT_ONCE_MAX) {
      const after = this.#sets.cursor;
      const set = takeSet(this.#sets);
      if (set === null) break;
      sets.push({ set, after });
    }
    return sets;
  }

  async #submit({ set, after }: Follower, warmUps: readonly WarmUp[]): Promise<void> {
    const { scope, monotonic, onPublishSeconds } = this.#options;
    const arrivedAt = this.#arrivedAt.get(set.openTime);
    const repaired = this.#repaired.delete(set.openTime);
    this.#arrivedAt.delete(set.openTime);
    const type = 'bar-set.closed';
    await this.#options.control.submit({
      id: eventId(scope.run, type, `${scope.venue}|${scope.interval}|${set.openTime}`),
      type,
      key: INPUT_KEY,
      ts: new Date(set.openTime + scope.intervalMs).toISOString(),
      data: { set, after, warmUps, repaired } satisfies LocalInputs[typeof type],
      traceparent: newTraceparent(),
      // One that was heard is after everything committed; a repaired one may be on its way from before a restart.
      fresh: !repaired,
    });
    if (arrivedAt !== undefined) onPublishSeconds((monotonic() - arrivedAt) / 1_000);
  }

  #report(bar: ExactBar, fault: LocalInputs['bar.refused']['fault']): void {
    const { scope, control } = this.#options;
    this.#options.onRefused(bar.symbol);
    const type = 'bar.refused';
    const report = control.submit({
      id: eventId(scope.run, type, `${bar.symbol}|${bar.openTime}`),
      type,
      key: INPUT_KEY,
      ts: new Date(Math.max(0, bar.openTime) + scope.intervalMs).toISOString(),
      data: { bar, fault } satisfies LocalInputs[typeof type],
    });
    // Awaited by the next publish; marked as handled until then.
    report.catch(() => undefined);
    this.#reports.push(report);
  }

  async #reported(): Promise<void> {
    const reports = this.#reports;
    this.#reports = [];
    await Promise.all(reports);
  }
}

/** The run's first sight of its data: sets begin after `cursor`, with every version warmed up. */
export async function beginFeed(options: PublisherOptions, cursor: number): Promise<void> {
  const { scope, control } = options;
  const type = 'feed.begun';
  await control.submit({
    id: eventId(scope.run, type, scope.interval),
    type,
    key: INPUT_KEY,
    ts: new Date(Math.max(0, cursor) + scope.intervalMs).toISOString(),
    data: {
      cursor,
      warmUps: await pendingWarmUps(options, Math.max(0, cursor + scope.intervalMs)),
    } satisfies LocalInputs[typeof type],
  });
}

/** Bars for the versions that wait to take over with the set of `openTime`. */
async function pendingWarmUps(
  { control, history }: PublisherOptions,
  openTime: number,
): Promise<readonly WarmUp[]> {
  const { symbols } = control.state() as AnalystState;
  const waiting = [...symbols.values()].flatMap(({ symbol, pending }) =>
    pending === null ? [] : [{ symbol, pending }],
  );
  return Promise.all(
    waiting.map(async ({ symbol, pending }) => ({
      symbol,
      version: pending.version,
      bars: await history.before(symbol, openTime, warmUpBars(pending)),
    })),
  );
}
