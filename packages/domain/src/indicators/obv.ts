export interface ObvState {
  seen: boolean;
  close: number;
  value: number;
  /** What rounding has cost so far (Kahan), so that years of bars do not drift. */
  lost: number;
}

/** On-balance volume in base units; starts with the first bar's volume, as TA-Lib does, and is never undefined. */
export function createObv(): ObvState {
  return { seen: false, close: 0, value: 0, lost: 0 };
}

export function updateObv(state: ObvState, close: number, volume: number): number {
  let change = 0;
  if (!state.seen || close > state.close) change = volume;
  else if (close < state.close) change = -volume;
  state.seen = true;
  state.close = close;
  const corrected = change - state.lost;
  const next = state.value + corrected;
  state.lost = next - state.value - corrected;
  state.value = next;
  return next;
}
