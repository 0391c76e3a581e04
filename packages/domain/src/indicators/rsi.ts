import { checkedPeriod } from './period.ts';
import { createWilder, updateWilder, type WilderState } from './wilder.ts';

export interface RsiState {
  seen: boolean;
  close: number;
  readonly gains: WilderState;
  readonly losses: WilderState;
}

/** RSI where nothing moved at all over its memory; TA-Lib says 0 there, which would read as a crash. */
const RSI_FLAT = 50;

/** Relative strength index in [0, 100] with Wilder's smoothing; defined from bar `period + 1` on. */
export function createRsi(period: number): RsiState {
  checkedPeriod('RSI', period);
  return { seen: false, close: 0, gains: createWilder(period), losses: createWilder(period) };
}

/** Takes the next close; the index, or NaN during the warm-up. */
export function updateRsi(state: RsiState, close: number): number {
  const change = close - state.close;
  state.close = close;
  if (!state.seen) {
    state.seen = true;
    return Number.NaN;
  }
  const gain = updateWilder(state.gains, Math.max(change, 0));
  const loss = updateWilder(state.losses, Math.max(-change, 0));
  const movement = gain + loss;
  return movement === 0 ? RSI_FLAT : (100 * gain) / movement;
}
