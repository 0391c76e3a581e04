import { checkedPeriod } from './period.ts';
import { createRing } from './ring.ts';

export interface RocState {
  readonly period: number;
  count: number;
  head: number;
  readonly ring: number[];
}

/** Rate of change in percent against `period` bars ago; defined from bar `period + 1` on. */
export function createRoc(period: number): RocState {
  checkedPeriod('ROC', period);
  return { period, count: 0, head: 0, ring: createRing(period) };
}

/** Takes the next value; the change, or NaN during the warm-up. A zero `period` bars ago gives 0, as TA-Lib does. */
export function updateRoc(state: RocState, value: number): number {
  const { ring, head } = state;
  const earlier = ring[head] ?? 0;
  ring[head] = value;
  state.head = head + 1 === state.period ? 0 : head + 1;
  if (state.count < state.period) {
    state.count += 1;
    return Number.NaN;
  }
  return earlier === 0 ? 0 : (value / earlier - 1) * 100;
}
