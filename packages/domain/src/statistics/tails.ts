import { centralSum, mean, percentile, ratio, type Series } from './series.ts';

/**
 * Historical value at risk of one period as a return (a loss is negative): the (1 − confidence) percentile.
 * `confidence` 0.95 or 0.99. Null of nothing. Source: Jorion, Value at Risk; numpy `percentile`.
 */
export function valueAtRisk(returns: Series, confidence: number): number | null {
  return percentile(returns, tailShare(confidence));
}

/** Mean of the returns at or below the value at risk (expected shortfall). Source: Rockafellar and Uryasev 2000. */
export function conditionalValueAtRisk(returns: Series, confidence: number): number | null {
  if (returns.length === 0) return null;
  const count = Math.floor((returns.length - 1) * tailShare(confidence)) + 1;
  return mean(Float64Array.from(returns).sort().subarray(0, count));
}

/** 1 − 0.95 is 0.050000000000000044: the share is rounded, or it could take one return too many. */
function tailShare(confidence: number): number {
  return Math.round((1 - confidence) * 1e12) / 1e12;
}

/** |95th percentile| / |5th percentile| of the returns. Null where the 5th is 0. Source: empyrical `tail_ratio`. */
export function tailRatio(returns: Series): number | null {
  const high = percentile(returns, 0.95);
  const low = percentile(returns, 0.05);
  return high === null || low === null ? null : ratio(Math.abs(high), Math.abs(low));
}

/** Population skewness m₃ / m₂^1.5. Null without deviation. Source: Fisher's g₁; scipy `skew`. */
export function populationSkew(returns: Series): number | null {
  const count = returns.length;
  return count === 0 ? null : ratio(centralSum(returns, 3) / count, (centralSum(returns, 2) / count) ** 1.5);
}

/** Population kurtosis m₄ / m₂² − 3, 0 for a normal. Null without deviation. Source: g₂; scipy `kurtosis`. */
export function populationKurtosis(returns: Series): number | null {
  const count = returns.length;
  const raw =
    count === 0 ? null : ratio(centralSum(returns, 4) / count, (centralSum(returns, 2) / count) ** 2);
  return raw === null ? null : raw - 3;
}

/** Skewness corrected for a sample: G₁. Null of fewer than three. Source: Joanes and Gill 1998. */
export function sampleSkew(returns: Series): number | null {
  const count = returns.length;
  const skew = populationSkew(returns);
  return count < 3 || skew === null ? null : (skew * Math.sqrt(count * (count - 1))) / (count - 2);
}

/** Excess kurtosis corrected for a sample: G₂. Null of fewer than four. Source: Joanes and Gill 1998. */
export function sampleKurtosis(returns: Series): number | null {
  const count = returns.length;
  const kurtosis = populationKurtosis(returns);
  if (count < 4 || kurtosis === null) return null;
  return ((count - 1) / ((count - 2) * (count - 3))) * ((count + 1) * kurtosis + 6);
}
