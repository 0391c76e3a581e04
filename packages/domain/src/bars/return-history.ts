import {
  createMoments,
  type MomentsState,
  momentsFull,
  pushMoments,
  sampleVariance,
} from '../indicators/index.ts';
import { copyState, restoreState } from '../snapshots/index.ts';

/**
 * The last `window` simple bar returns of a symbol, for its volatility, and what judging the next bar needs.
 * Plain JSON (doubles survive JSON exactly), O(1) a bar.
 */
export interface ReturnHistory {
  readonly moments: MomentsState;
  /** Bars without a trade that came last, in a row. */
  zeroVolumeRun: number;
}

/** An empty history over `window` returns (2 to 10,000). */
export function createReturnHistory(window: number): ReturnHistory {
  return { moments: createMoments(window), zeroVolumeRun: 0 };
}

/** True once `window` returns have come; before that there is no volatility to speak of. */
export function historyFull(history: ReturnHistory): boolean {
  return momentsFull(history.moments);
}

/** Sample standard deviation (divisor n − 1) of the simple bar returns in the window, per bar; NaN before two. */
export function returnDeviation(history: ReturnHistory): number {
  return Math.sqrt(sampleVariance(history.moments));
}

/** Takes a bar into the history: its return against the previous close, and whether it had a trade. */
export function recordBar(
  history: ReturnHistory,
  previousClose: number | null,
  bar: { readonly close: number; readonly volume: number },
): void {
  history.zeroVolumeRun = bar.volume === 0 ? history.zeroVolumeRun + 1 : 0;
  if (previousClose !== null && previousClose > 0)
    pushMoments(history.moments, bar.close / previousClose - 1);
}

/** A copy that later bars do not change; exact, plain JSON. */
export function snapshotHistory(history: ReturnHistory): ReturnHistory {
  return copyState(history);
}

/** The history of a snapshot; throws SnapshotShapeError when it is none of this window. */
export function restoreHistory(window: number, snapshot: unknown): ReturnHistory {
  return restoreState(createReturnHistory(window), snapshot);
}
