import type { Series } from './series.ts';

export interface Drawdown {
  /** Deepest fall from a peak as a share ≤ 0: −0.2 is a fifth below. */
  readonly depth: number;
  /** Time of the peak before it, of its deepest point, and of the first value back at the peak (null: not yet). */
  readonly start: number;
  readonly end: number;
  readonly recovery: number | null;
}

export interface UnderWater {
  /** Share of the values that lie below an earlier peak, in [0, 1]. */
  readonly share: number;
  /** Longest time from a peak to the first value back at it, or to the end; unit of the times. */
  readonly longest: number;
}

/**
 * Deepest drawdown of an equity curve (values above 0) with its times. Null of nothing; a curve that never falls
 * has depth 0 at its first time. Source: Magdon-Ismail and Atiya 2004.
 */
export function maxDrawdown(equity: Series, times: Series): Drawdown | null {
  if (equity.length === 0) return null;
  let peak = 0;
  let peakAt = 0;
  let depth = 0;
  let startAt = 0;
  let endAt = 0;
  for (let i = 0; i < equity.length; i += 1) {
    const value = equity[i] ?? 0;
    if (value >= peak) {
      peak = value;
      peakAt = i;
    } else if (value / peak - 1 < depth) {
      depth = value / peak - 1;
      startAt = peakAt;
      endAt = i;
    }
  }
  const time = (row: number): number => times[row] ?? 0;
  const back = depth === 0 ? startAt : firstAtLeast(equity, equity[startAt] ?? 0, endAt);
  return { depth, start: time(startAt), end: time(endAt), recovery: back === null ? null : time(back) };
}

function firstAtLeast(equity: Series, level: number, from: number): number | null {
  for (let i = from; i < equity.length; i += 1) if ((equity[i] ?? 0) >= level) return i;
  return null;
}

/** How much and how long an equity curve lay below its earlier peak. Null of nothing. */
export function underWater(equity: Series, times: Series): UnderWater | null {
  if (equity.length === 0) return null;
  let peak = 0;
  let peakTime = times[0] ?? 0;
  let below = 0;
  let longest = 0;
  let wet = false;
  for (let i = 0; i < equity.length; i += 1) {
    const value = equity[i] ?? 0;
    const time = times[i] ?? 0;
    const dry = value >= peak;
    if (wet || !dry) longest = Math.max(longest, time - peakTime);
    wet = !dry;
    if (dry) {
      peak = value;
      peakTime = time;
    } else below += 1;
  }
  return { share: below / equity.length, longest };
}

/**
 * Ulcer index as a share: √(Σ drawdown² / (n − 1)) over the daily curve that starts at 1 before the first return.
 * Null of fewer than two returns. Source: Martin and McCann 1989; divisor as quantstats `ulcer_index`.
 */
export function ulcerIndex(dailyReturns: Series): number | null {
  if (dailyReturns.length < 2) return null;
  let level = 1;
  let peak = 1;
  let squares = 0;
  for (let i = 0; i < dailyReturns.length; i += 1) {
    level *= 1 + (dailyReturns[i] ?? 0);
    peak = Math.max(peak, level);
    squares += (level / peak - 1) ** 2;
  }
  return Math.sqrt(squares / (dailyReturns.length - 1));
}
