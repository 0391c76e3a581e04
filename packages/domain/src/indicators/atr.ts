import { checkedPeriod } from './period.ts';
import { trueRange } from './true-range.ts';
import { createWilder, updateWilder, type WilderState } from './wilder.ts';

export interface AtrState {
  seen: boolean;
  close: number;
  readonly ranges: WilderState;
}

/**
 * Average true range in quote units, Wilder's smoothing. The first bar has no previous close and counts for no
 * range (TA-Lib's convention), so the average is defined from bar `period + 1` on.
 */
export function createAtr(period: number): AtrState {
  checkedPeriod('ATR', period);
  return { seen: false, close: 0, ranges: createWilder(period) };
}

/** Takes the next bar; the average, or NaN during the warm-up. */
export function updateAtr(state: AtrState, high: number, low: number, close: number): number {
  const previous = state.close;
  state.close = close;
  if (!state.seen) {
    state.seen = true;
    return Number.NaN;
  }
  return updateWilder(state.ranges, trueRange(high, low, previous));
}
