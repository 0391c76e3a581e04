import type { ExactBar } from '../bar-set/decide.ts';

export interface KlineRange {
  readonly symbol: string;
  /** Open times, both inclusive; without `from` the last `limit` bars up to `to`. */
  readonly from?: number;
  readonly to?: number;
  readonly limit?: number;
}

/** A subscription that was confirmed. */
export interface Following {
  /** Never resolves; rejects when the connection is lost. */
  readonly ended: Promise<never>;
  /** Drops the connection; `ended` rejects. */
  stop(): Promise<void>;
}

/** Where bars come from, in the service's own words. Every call rejects with an error of `errors.ts`. */
export interface BarVenue {
  readonly name: string;
  /** Learns the venue's markets and that it has every symbol; again after a failure. */
  open(): Promise<void>;
  /** Resolves when the subscription is confirmed; from then on every closed bar comes to `onBar`. */
  follow(onBar: (bar: ExactBar) => void): Promise<Following>;
  /** Closed bars, ascending. At most `limit` (KLINES_MAX) of them from `from` on. */
  klines(range: KlineRange): Promise<readonly ExactBar[]>;
  /** Open time of the last bar that the venue has closed, or null when its data have not begun. */
  lastClosed(): Promise<number | null>;
  close(): Promise<void>;
}

/** Most bars that one answer has: the venue's own bound. */
export const KLINES_MAX = 1_000;
