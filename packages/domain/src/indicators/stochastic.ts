import { createDonchian, type DonchianState, updateDonchian } from './donchian.ts';
import { createSma, type SmaState, updateSma } from './sma.ts';

export interface StochasticState {
  readonly range: DonchianState;
  readonly slowK: SmaState;
  readonly slowD: SmaState;
  ready: boolean;
  k: number;
  d: number;
}

/** Where the whole window has one price there is no place in its range; TA-Lib says 0, which would read as a low. */
const FLAT = 50;

/**
 * Slow stochastic in [0, 100]: %K is the place of the close in the range of `period` bars, averaged over `slowing`
 * bars, %D the average of %K over `signal` bars. Both defined from bar `period + slowing + signal − 2` on.
 */
export function createStochastic(period: number, slowing: number, signal: number): StochasticState {
  return {
    range: createDonchian(period),
    slowK: createSma(slowing),
    slowD: createSma(signal),
    ready: false,
    k: 0,
    d: 0,
  };
}

export function updateStochastic(state: StochasticState, high: number, low: number, close: number): void {
  const { range } = state;
  updateDonchian(range, high, low);
  if (!range.ready) return;
  const width = range.high - range.low;
  const k = updateSma(state.slowK, width === 0 ? FLAT : (100 * (close - range.low)) / width);
  if (state.slowK.count < state.slowK.period) return;
  const d = updateSma(state.slowD, k);
  if (state.slowD.count < state.slowD.period) return;
  state.ready = true;
  state.k = k;
  state.d = d;
}
