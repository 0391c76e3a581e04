import { checkedPeriod } from './period.ts';

/** Wilder's smoothing: an average that gives the new value the weight 1 / period, seeded by a simple average. */
export interface WilderState {
  readonly period: number;
  count: number;
  /** Sum of the first `period` values while warming up, the average afterwards. */
  value: number;
}

/** Source: J. Welles Wilder, New Concepts in Technical Trading Systems, 1978. */
export function createWilder(period: number): WilderState {
  return { period: checkedPeriod("Wilder's average", period), count: 0, value: 0 };
}

/** Takes the next value; the average, or NaN while fewer than `period` values have come. */
export function updateWilder(state: WilderState, value: number): number {
  const { period } = state;
  if (state.count >= period) {
    state.value = (state.value * (period - 1) + value) / period;
    return state.value;
  }
  state.value += value;
  state.count += 1;
  if (state.count < period) return Number.NaN;
  state.value /= period;
  return state.value;
}
