import { createMoments, type MomentsState, mean, momentsFull, pushMoments } from './moments.ts';
import { checkedPeriod } from './period.ts';

export type CciState = MomentsState;

/** Lambert's constant, which puts most values between −100 and 100. Source: Donald Lambert, 1980. */
const SCALE = 0.015;

/** Commodity channel index of the typical price (high + low + close) / 3; defined from bar `period` on. */
export function createCci(period: number): CciState {
  return createMoments(checkedPeriod('CCI', period, 2));
}

/**
 * Takes the next bar; the index, or NaN during the warm-up; 0 in a flat window. O(period): the mean absolute
 * deviation is taken around a mean that moves with each bar, and has no running form.
 */
export function updateCci(state: CciState, high: number, low: number, close: number): number {
  const typical = (high + low + close) / 3;
  pushMoments(state, typical);
  if (!momentsFull(state)) return Number.NaN;
  const mid = mean(state);
  let deviation = 0;
  for (let i = 0; i < state.ring.length; i += 1) deviation += Math.abs((state.ring[i] ?? 0) - mid);
  const distance = typical - mid;
  return distance === 0 || deviation === 0 ? 0 : distance / (SCALE * (deviation / state.period));
}
