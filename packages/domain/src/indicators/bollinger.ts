import {
  createMoments,
  type MomentsState,
  mean,
  momentsFull,
  populationVariance,
  pushMoments,
} from './moments.ts';
import { checkedPeriod } from './period.ts';

export interface BollingerState {
  readonly width: number;
  readonly moments: MomentsState;
  ready: boolean;
  upper: number;
  mid: number;
  lower: number;
}

/**
 * Bollinger bands: simple average ± `width` population deviations (John Bollinger uses the population's too).
 * Defined from bar `period` on; before that `ready` is false and the bands are 0.
 */
export function createBollinger(period: number, width: number): BollingerState {
  checkedPeriod('Bollinger bands', period, 2);
  return { width, moments: createMoments(period), ready: false, upper: 0, mid: 0, lower: 0 };
}

export function updateBollinger(state: BollingerState, close: number): void {
  const { moments } = state;
  pushMoments(moments, close);
  if (!momentsFull(moments)) return;
  const distance = Math.sqrt(populationVariance(moments)) * state.width;
  state.ready = true;
  state.mid = mean(moments);
  state.upper = state.mid + distance;
  state.lower = state.mid - distance;
}
