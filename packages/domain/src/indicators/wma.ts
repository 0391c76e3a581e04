import { checkedPeriod } from './period.ts';
import { createRing } from './ring.ts';

export interface WmaState {
  readonly period: number;
  count: number;
  head: number;
  /** Plain sum of the ring, and the sum weighted 1 (oldest) to period (newest). */
  sum: number;
  weighted: number;
  readonly ring: number[];
}

/** Linearly weighted moving average, newest bar weighted `period`, oldest 1; defined from bar `period` on. */
export function createWma(period: number): WmaState {
  checkedPeriod('WMA', period);
  return { period, count: 0, head: 0, sum: 0, weighted: 0, ring: createRing(period) };
}

/** Takes the next value; the average, or NaN while fewer than `period` values have come. */
export function updateWma(state: WmaState, value: number): number {
  const { ring, head, period } = state;
  if (state.count < period) {
    state.count += 1;
    state.weighted += value * state.count;
    state.sum += value;
  } else {
    state.weighted += value * period - state.sum;
    state.sum += value - (ring[head] ?? 0);
  }
  ring[head] = value;
  state.head = head + 1;
  if (state.head === period) resum(state);
  return state.count < period ? Number.NaN : state.weighted / ((period * (period + 1)) / 2);
}

/** Once a ring, both sums are taken afresh, so rounding errors do not add up over a long series. */
function resum(state: WmaState): void {
  state.head = 0;
  let sum = 0;
  let weighted = 0;
  for (let i = 0; i < state.ring.length; i += 1) {
    const value = state.ring[i] ?? 0;
    sum += value;
    weighted += value * (i + 1);
  }
  state.sum = sum;
  state.weighted = weighted;
}
