import { checkedPeriod } from './period.ts';
import { createRing } from './ring.ts';

/** Running sum over the last `period` values; shared by the averages and the money flow. */
export interface RollingSum {
  readonly period: number;
  count: number;
  head: number;
  sum: number;
  /** Values in the ring other than 0: a window of zeros sums to exactly 0, not to what rounding left over. */
  filled: number;
  readonly ring: number[];
}

export function createRollingSum(period: number): RollingSum {
  checkedPeriod('rolling sum', period);
  return { period, count: 0, head: 0, sum: 0, filled: 0, ring: createRing(period) };
}

/**
 * Adds a value and drops the oldest; O(1). Each time the ring comes round the sum is taken afresh, in ring order,
 * so rounding errors of a long series never add up beyond one period.
 */
export function pushSum(state: RollingSum, value: number): void {
  const { ring, head } = state;
  const leaving = ring[head] ?? 0;
  state.filled += (value === 0 ? 0 : 1) - (leaving === 0 ? 0 : 1);
  state.sum = state.filled === 0 ? 0 : state.sum + (value - leaving);
  ring[head] = value;
  if (state.count < state.period) state.count += 1;
  state.head = head + 1;
  if (state.head === state.period) {
    state.head = 0;
    let sum = 0;
    for (let i = 0; i < ring.length; i += 1) sum += ring[i] ?? 0;
    state.sum = sum;
  }
}

export type SmaState = RollingSum;

/** Simple moving average over `period` bars; defined from bar `period` on. */
export function createSma(period: number): SmaState {
  return createRollingSum(checkedPeriod('SMA', period));
}

/** Takes the next value; the average, or NaN while fewer than `period` values have come. */
export function updateSma(state: SmaState, value: number): number {
  pushSum(state, value);
  return state.count < state.period ? Number.NaN : state.sum / state.period;
}
