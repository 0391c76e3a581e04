import { ANNUALISED_DAYS_MIN, DAYS_PER_YEAR } from './returns.ts';
import { mean, ratio, type Series, sampleDeviation } from './series.ts';

export interface BenchmarkComparison {
  /** Covariance with the benchmark / its variance. */
  readonly beta: number | null;
  /** (1 + mean of (return − beta × benchmark))^365 − 1, null under 30 days. Source: Jensen 1968; empyrical `alpha`. */
  readonly alpha: number | null;
  /** Mean / sample deviation of the daily differences, not annualised. Source: quantstats `information_ratio`. */
  readonly informationRatio: number | null;
}

/** Compares daily returns with those of a benchmark on the same days; throws RangeError on other lengths. */
export function compareWithBenchmark(dailyReturns: Series, benchmark: Series): BenchmarkComparison {
  const count = dailyReturns.length;
  if (benchmark.length !== count) {
    throw new RangeError(`The benchmark has ${benchmark.length} days, the returns have ${count}.`);
  }
  const ownMean = mean(dailyReturns) ?? 0;
  const otherMean = mean(benchmark) ?? 0;
  const differences = new Float64Array(count);
  let joint = 0;
  let squares = 0;
  for (let i = 0; i < count; i += 1) {
    const other = benchmark[i] ?? 0;
    const own = dailyReturns[i] ?? 0;
    joint += (own - ownMean) * (other - otherMean);
    squares += (other - otherMean) ** 2;
    differences[i] = own - other;
  }
  const beta = ratio(joint, squares);
  const annualised = beta !== null && count >= ANNUALISED_DAYS_MIN;
  return {
    beta,
    alpha: annualised ? (1 + ownMean - beta * otherMean) ** DAYS_PER_YEAR - 1 : null,
    informationRatio: ratio(mean(differences), sampleDeviation(differences)),
  };
}
