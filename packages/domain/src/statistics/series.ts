/** Any list of numbers; typed arrays included. */
export type Series = ArrayLike<number>;

export function sum(series: Series): number {
  let total = 0;
  for (let i = 0; i < series.length; i += 1) total += series[i] ?? 0;
  return total;
}

/** Arithmetic mean; null of nothing. */
export function mean(series: Series): number | null {
  return series.length === 0 ? null : sum(series) / series.length;
}

/**
 * Sum of the n-th powers of the distances to the mean, in two passes; 0 of nothing. Exactly 0 where all values are
 * equal, which their rounded mean alone would not give.
 */
export function centralSum(series: Series, power: number): number {
  if (allEqual(series)) return 0;
  const mid = mean(series) ?? 0;
  let total = 0;
  for (let i = 0; i < series.length; i += 1) total += ((series[i] ?? 0) - mid) ** power;
  return total;
}

function allEqual(series: Series): boolean {
  for (let i = 1; i < series.length; i += 1) if (series[i] !== series[0]) return false;
  return true;
}

/** Standard deviation with divisor n − 1; null of fewer than two values. */
export function sampleDeviation(series: Series): number | null {
  return series.length < 2 ? null : Math.sqrt(centralSum(series, 2) / (series.length - 1));
}

/**
 * The value below which a share `quantile` (0 to 1) of the series lies, interpolated linearly between neighbours
 * (numpy's default, type 7 of Hyndman and Fan 1996). Null of nothing.
 */
export function percentile(series: Series, quantile: number): number | null {
  if (series.length === 0) return null;
  const sorted = Float64Array.from(series).sort();
  const place = (sorted.length - 1) * quantile;
  const below = Math.floor(place);
  const low = sorted[below] ?? 0;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] ?? 0;
  return low + (high - low) * (place - below);
}

/** A quotient, or null where it has no value: nothing to divide by. */
export function ratio(numerator: number | null, denominator: number | null): number | null {
  if (numerator === null || denominator === null || denominator === 0) return null;
  return numerator / denominator;
}
