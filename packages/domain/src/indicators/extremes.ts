import { checkedPeriod } from './period.ts';
import { createRing } from './ring.ts';

/**
 * The greatest of the last `period` values in amortised O(1): a queue of candidates in falling order, each with
 * the number of its bar (the monotonic deque). The least is the greatest of the negated values.
 */
export interface RollingMaximum {
  readonly period: number;
  count: number;
  head: number;
  size: number;
  readonly values: number[];
  readonly bars: number[];
}

export function createRollingMaximum(period: number): RollingMaximum {
  checkedPeriod('rolling extreme', period);
  return { period, count: 0, head: 0, size: 0, values: createRing(period), bars: createRing(period) };
}

/** Takes the next value; the greatest of the last `period` (of all, while fewer have come). */
export function pushMaximum(state: RollingMaximum, value: number): number {
  const { period, values, bars } = state;
  const bar = state.count;
  state.count = bar + 1;
  if (state.size > 0 && (bars[state.head] ?? 0) <= bar - period) {
    state.head = state.head + 1 === period ? 0 : state.head + 1;
    state.size -= 1;
  }
  let tail = state.head + state.size;
  while (state.size > 0 && (values[(tail - 1) % period] ?? 0) <= value) {
    tail -= 1;
    state.size -= 1;
  }
  values[tail % period] = value;
  bars[tail % period] = bar;
  state.size += 1;
  return values[state.head] ?? value;
}
