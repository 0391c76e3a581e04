import { createEma, type EmaState, updateEma } from './ema.ts';
import { checkedPeriod } from './period.ts';

export interface MacdState {
  /** Bars that the fast average still leaves out, so that both averages are first defined on the same bar. */
  skip: number;
  readonly fast: EmaState;
  readonly slow: EmaState;
  readonly average: EmaState;
  ready: boolean;
  macd: number;
  signal: number;
  histogram: number;
}

/**
 * Moving average convergence/divergence in quote units. Both averages are seeded so that they start on bar `slow`
 * (TA-Lib's convention); the three lines are defined from bar `slow + signal − 1` on, `ready` says so.
 */
export function createMacd(fast: number, slow: number, signal: number): MacdState {
  checkedPeriod('MACD slow', slow, checkedPeriod('MACD fast', fast) + 1);
  return {
    skip: slow - fast,
    fast: createEma(fast),
    slow: createEma(slow),
    average: createEma(signal),
    ready: false,
    macd: 0,
    signal: 0,
    histogram: 0,
  };
}

export function updateMacd(state: MacdState, close: number): void {
  const slow = updateEma(state.slow, close);
  if (state.skip > 0) {
    state.skip -= 1;
    return;
  }
  const fast = updateEma(state.fast, close);
  if (state.slow.count < state.slow.period) return;
  const macd = fast - slow;
  const signal = updateEma(state.average, macd);
  if (state.average.count < state.average.period) return;
  state.ready = true;
  state.macd = macd;
  state.signal = signal;
  state.histogram = macd - signal;
}
