import { checkedPeriod } from './period.ts';
import { trueRange } from './true-range.ts';
import { createWilder, updateWilder, type WilderState } from './wilder.ts';

export interface AdxState {
  readonly period: number;
  /** Bars seen. */
  count: number;
  high: number;
  low: number;
  close: number;
  /** Wilder's running sums of directional movement and true range. */
  plus: number;
  minus: number;
  range: number;
  readonly index: WilderState;
}

/**
 * Average directional index in [0, 100]. The running sums start from `period − 1` changes and the first average
 * from `period` directional indices, as Wilder and TA-Lib do; defined from bar `2 × period` on.
 */
export function createAdx(period: number): AdxState {
  checkedPeriod('ADX', period, 2);
  const index = createWilder(period);
  return { period, count: 0, high: 0, low: 0, close: 0, plus: 0, minus: 0, range: 0, index };
}

/** Takes the next bar; the index, or NaN during the warm-up. */
export function updateAdx(state: AdxState, high: number, low: number, close: number): number {
  const rise = high - state.high;
  const fall = state.low - low;
  const range = trueRange(high, low, state.close);
  state.high = high;
  state.low = low;
  state.close = close;
  state.count += 1;
  if (state.count === 1) return Number.NaN;
  const smooth = state.count > state.period ? 1 - 1 / state.period : 1;
  state.plus = state.plus * smooth + (rise > 0 && rise > fall ? rise : 0);
  state.minus = state.minus * smooth + (fall > 0 && fall > rise ? fall : 0);
  state.range = state.range * smooth + range;
  return state.count > state.period ? updateWilder(state.index, directionalIndex(state)) : Number.NaN;
}

/** |+DI − −DI| / (+DI + −DI) in percent; the range cancels. No movement at all has no direction: 0. */
function directionalIndex(state: AdxState): number {
  const movement = state.plus + state.minus;
  return movement === 0 ? 0 : (100 * Math.abs(state.plus - state.minus)) / movement;
}
