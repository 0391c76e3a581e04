import { createRollingMaximum, pushMaximum, type RollingMaximum } from './extremes.ts';
import { checkedPeriod } from './period.ts';

export interface DonchianState {
  readonly highs: RollingMaximum;
  /** Of the negated lows. */
  readonly lows: RollingMaximum;
  ready: boolean;
  high: number;
  low: number;
}

/** Donchian channel: highest high and lowest low of the last `period` bars, this one included; from bar `period`. */
export function createDonchian(period: number): DonchianState {
  checkedPeriod('Donchian channel', period);
  return {
    highs: createRollingMaximum(period),
    lows: createRollingMaximum(period),
    ready: false,
    high: 0,
    low: 0,
  };
}

export function updateDonchian(state: DonchianState, high: number, low: number): void {
  state.high = pushMaximum(state.highs, high);
  state.low = -pushMaximum(state.lows, -low);
  state.ready = state.highs.count >= state.highs.period;
}
