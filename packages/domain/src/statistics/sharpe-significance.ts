import { normalDistribution, normalQuantile } from './normal.ts';
import { mean, ratio, type Series, sampleDeviation } from './series.ts';
import { populationKurtosis, populationSkew } from './tails.ts';

const EULER_MASCHERONI = 0.5772156649015329;

/**
 * Probability that the true Sharpe ratio exceeds `benchmark`, given the length, skew and tails of the record.
 * Sharpe ratios here are per period, not annualised: mean / sample deviation. Null without deviation or of fewer
 * than two returns. Source: Bailey and López de Prado, The Sharpe Ratio Efficient Frontier, 2012.
 */
export function probabilisticSharpe(returns: Series, benchmark = 0): number | null {
  const observed = ratio(mean(returns), sampleDeviation(returns));
  const skew = populationSkew(returns);
  const excess = populationKurtosis(returns);
  if (observed === null || skew === null || excess === null) return null;
  const spread = 1 - skew * observed + ((excess + 2) / 4) * observed ** 2;
  if (!(spread > 0)) return null;
  return normalDistribution(((observed - benchmark) * Math.sqrt(returns.length - 1)) / Math.sqrt(spread));
}

/**
 * The best per-period Sharpe ratio to expect from `trials` independent strategies without any skill, whose Sharpe
 * ratios vary with `variance`; 0 for one trial. Source: Bailey and López de Prado, The Deflated Sharpe Ratio, 2014.
 */
export function expectedBestSharpe(trials: number, variance: number): number {
  if (!Number.isInteger(trials) || trials < 1) throw new RangeError(`Trials are 1 or more, not ${trials}.`);
  if (!(variance >= 0)) throw new RangeError(`A variance is 0 or more, not ${variance}.`);
  if (trials === 1) return 0;
  const one = normalQuantile(1 - 1 / trials);
  const other = normalQuantile(1 - 1 / (trials * Math.E));
  return Math.sqrt(variance) * ((1 - EULER_MASCHERONI) * one + EULER_MASCHERONI * other);
}

/**
 * Probability that the Sharpe ratio is better than the best of as many lucky strategies. `variance` is that of the
 * trials' per-period Sharpe ratios. Null as `probabilisticSharpe`. Source: as `expectedBestSharpe`.
 */
export function deflatedSharpe(returns: Series, trials: number, variance: number): number | null {
  return probabilisticSharpe(returns, expectedBestSharpe(trials, variance));
}
