import { createMoments, type MomentsState, momentsFull, populationVariance, pushMoments } from './moments.ts';
import { checkedPeriod } from './period.ts';

export type StddevState = MomentsState;

/** Population standard deviation (divisor n) of the last `period` values; defined from bar `period` on. */
export function createStddev(period: number): StddevState {
  return createMoments(checkedPeriod('standard deviation', period, 2));
}

/** Takes the next value; the deviation in the unit of the values, or NaN during the warm-up. */
export function updateStddev(state: StddevState, value: number): number {
  pushMoments(state, value);
  return momentsFull(state) ? Math.sqrt(populationVariance(state)) : Number.NaN;
}
