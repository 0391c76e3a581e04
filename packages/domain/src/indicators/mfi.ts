import { checkedPeriod } from './period.ts';
import { createRollingSum, pushSum, type RollingSum } from './sma.ts';

export interface MfiState {
  seen: boolean;
  typical: number;
  readonly inflow: RollingSum;
  readonly outflow: RollingSum;
}

/** No money flowed either way in the whole window. TA-Lib says 0 there (and for any flow below 1 quote unit). */
const MFI_FLAT = 50;

/** Money flow index in [0, 100] of typical price × volume over `period` changes; defined from bar `period + 1` on. */
export function createMfi(period: number): MfiState {
  checkedPeriod('MFI', period);
  return { seen: false, typical: 0, inflow: createRollingSum(period), outflow: createRollingSum(period) };
}

/** Takes the next bar; the index, or NaN during the warm-up. */
export function updateMfi(state: MfiState, high: number, low: number, close: number, volume: number): number {
  const typical = (high + low + close) / 3;
  const change = typical - state.typical;
  state.typical = typical;
  if (!state.seen) {
    state.seen = true;
    return Number.NaN;
  }
  pushSum(state.inflow, change > 0 ? typical * volume : 0);
  pushSum(state.outflow, change < 0 ? typical * volume : 0);
  if (state.inflow.count < state.inflow.period) return Number.NaN;
  // A running sum that should be 0 again may keep a rounding error of either sign until its ring comes round.
  const inflow = Math.max(0, state.inflow.sum);
  const flow = inflow + Math.max(0, state.outflow.sum);
  return flow === 0 ? MFI_FLAT : (100 * inflow) / flow;
}
