import { checkedPeriod } from './period.ts';
import { createRing } from './ring.ts';

/**
 * Mean and variance of the last `period` values in O(1). Sums are kept of the distance to `shift`, a value close
 * to them, and taken afresh once a ring: the textbook sum of squares would lose half of its digits on prices.
 */
export interface MomentsState {
  readonly period: number;
  count: number;
  head: number;
  shift: number;
  sum: number;
  squares: number;
  /** How many equal values came last: a flat window has exactly no deviation, whatever the sums say. */
  run: number;
  last: number;
  readonly ring: number[];
}

export function createMoments(period: number): MomentsState {
  checkedPeriod('moments', period, 2);
  return {
    period,
    count: 0,
    head: 0,
    shift: 0,
    sum: 0,
    squares: 0,
    run: 0,
    last: 0,
    ring: createRing(period),
  };
}

export function pushMoments(state: MomentsState, value: number): void {
  const { ring, head } = state;
  if (state.count === 0) state.shift = value;
  const entering = value - state.shift;
  state.sum += entering;
  state.squares += entering * entering;
  if (state.count < state.period) state.count += 1;
  else {
    const leaving = (ring[head] ?? 0) - state.shift;
    state.sum -= leaving;
    state.squares -= leaving * leaving;
  }
  state.run = value === state.last ? state.run + 1 : 1;
  state.last = value;
  ring[head] = value;
  state.head = head + 1;
  if (state.head === state.period) recentre(state);
}

function recentre(state: MomentsState): void {
  state.head = 0;
  const { ring } = state;
  const shift = state.shift + state.sum / state.period;
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < ring.length; i += 1) {
    const distance = (ring[i] ?? 0) - shift;
    sum += distance;
    squares += distance * distance;
  }
  state.shift = shift;
  state.sum = sum;
  state.squares = squares;
}

/** True once `period` values have come. */
export function momentsFull(state: MomentsState): boolean {
  return state.count === state.period;
}

/** Mean of the values in the window; NaN before the first. */
export function mean(state: MomentsState): number {
  if (state.count === 0) return Number.NaN;
  return state.run >= state.count ? state.last : state.shift + state.sum / state.count;
}

/** Variance with divisor n, of the values in the window; NaN before the first. */
export function populationVariance(state: MomentsState): number {
  return state.count === 0 ? Number.NaN : squaredDeviations(state) / state.count;
}

/** Variance with divisor n − 1, of the values in the window; NaN before the second. */
export function sampleVariance(state: MomentsState): number {
  return state.count < 2 ? Number.NaN : squaredDeviations(state) / (state.count - 1);
}

function squaredDeviations(state: MomentsState): number {
  if (state.run >= state.count) return 0;
  return Math.max(0, state.squares - (state.sum * state.sum) / state.count);
}
