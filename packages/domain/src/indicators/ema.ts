import { checkedPeriod } from './period.ts';

export interface EmaState {
  readonly period: number;
  count: number;
  /** Sum of the first `period` values while warming up, the average afterwards. */
  value: number;
}

/**
 * Exponential moving average with weight 2 / (period + 1), seeded by the simple average of the first `period`
 * values (the convention of TA-Lib and of most charts). Defined from bar `period` on.
 */
export function createEma(period: number): EmaState {
  return { period: checkedPeriod('EMA', period), count: 0, value: 0 };
}

/** Takes the next value; the average, or NaN while fewer than `period` values have come. */
export function updateEma(state: EmaState, value: number): number {
  const { period } = state;
  if (state.count >= period) {
    state.value += (value - state.value) * (2 / (period + 1));
    return state.value;
  }
  state.value += value;
  state.count += 1;
  if (state.count < period) return Number.NaN;
  state.value /= period;
  return state.value;
}
