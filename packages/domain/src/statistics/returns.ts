import { mean, ratio, type Series, sampleDeviation, sum } from './series.ts';

/** Crypto trades every day; a year has no leap day here. Every annualised figure uses this. */
export const DAYS_PER_YEAR = 365;

/** Nothing is annualised from fewer daily returns: the result would be noise to a high power. */
export const ANNUALISED_DAYS_MIN = 30;

const enough = (returns: Series): boolean => returns.length >= ANNUALISED_DAYS_MIN;

/** Compound growth of simple returns, as a share: 0.1 is 10 %. */
export function totalReturn(returns: Series): number {
  let growth = 1;
  for (let i = 0; i < returns.length; i += 1) growth *= 1 + (returns[i] ?? 0);
  return growth - 1;
}

/** Compound annual growth: (1 + total)^(365 / n) − 1. Null under 30 days. Source: empyrical `cagr`. */
export function cagr(dailyReturns: Series): number | null {
  if (!enough(dailyReturns)) return null;
  return (1 + totalReturn(dailyReturns)) ** (DAYS_PER_YEAR / dailyReturns.length) - 1;
}

/** Sample deviation × √365. Null under 30 days. Source: empyrical `annual_volatility`. */
export function annualVolatility(dailyReturns: Series): number | null {
  const deviation = sampleDeviation(dailyReturns);
  return !enough(dailyReturns) || deviation === null ? null : deviation * Math.sqrt(DAYS_PER_YEAR);
}

/** Mean / sample deviation × √365, risk-free rate 0. Null under 30 days or without deviation. Source: Sharpe 1994. */
export function sharpe(dailyReturns: Series): number | null {
  if (!enough(dailyReturns)) return null;
  const daily = ratio(mean(dailyReturns), sampleDeviation(dailyReturns));
  return daily === null ? null : daily * Math.sqrt(DAYS_PER_YEAR);
}

/**
 * Downside deviation against 0: √(mean of squared negative returns over all days) × √365. Null under 30 days.
 * Source: Sortino and van der Meer 1991; empyrical `downside_risk`.
 */
export function downsideRisk(dailyReturns: Series): number | null {
  if (!enough(dailyReturns)) return null;
  let squares = 0;
  for (let i = 0; i < dailyReturns.length; i += 1) squares += Math.min(0, dailyReturns[i] ?? 0) ** 2;
  return Math.sqrt(squares / dailyReturns.length) * Math.sqrt(DAYS_PER_YEAR);
}

/** Mean × 365 / downside risk. Null under 30 days or without a losing day. Source: as `downsideRisk`. */
export function sortino(dailyReturns: Series): number | null {
  return ratio((mean(dailyReturns) ?? 0) * DAYS_PER_YEAR, downsideRisk(dailyReturns));
}

/** Compound annual growth / greatest drawdown (a share ≤ 0). Null where either is missing. Source: Young 1991. */
export function calmar(annualGrowth: number | null, maxDrawdown: number | null): number | null {
  return ratio(annualGrowth, maxDrawdown === null ? null : Math.abs(maxDrawdown));
}

/** Sum of gains / sum of losses against a daily threshold of 0. Null without a loss. Source: Keating, Shadwick 2002. */
export function omega(returns: Series): number | null {
  const { gains, losses } = gainsAndLosses(returns);
  return ratio(gains, losses);
}

/** Sum of all returns / sum of losses. Null without a loss. Source: Schwager; quantstats `gain_to_pain_ratio`. */
export function gainToPain(returns: Series): number | null {
  return ratio(sum(returns), gainsAndLosses(returns).losses);
}

/** Sums of the positive values and, as a positive number, of the negative ones. */
export function gainsAndLosses(series: Series): { gains: number; losses: number } {
  let gains = 0;
  let losses = 0;
  for (let i = 0; i < series.length; i += 1) {
    const value = series[i] ?? 0;
    if (value > 0) gains += value;
    else losses -= value;
  }
  return { gains, losses };
}

/** Share of positive values among those that are not 0. Null without any. Source: quantstats `win_rate`. */
export function winRate(series: Series): number | null {
  const values = Array.from(series).filter((value) => value !== 0);
  return ratio(values.filter((value) => value > 0).length, values.length);
}

/** Mean gain / mean loss, positive. Null without a gain or without a loss. */
export function payoff(series: Series): number | null {
  const values = Array.from(series);
  const loss = mean(values.filter((value) => value < 0));
  return ratio(mean(values.filter((value) => value > 0)), loss === null ? null : -loss);
}

/**
 * Share of capital that would have grown fastest: win rate − loss rate / payoff. Shown, never used to size up.
 * Null without gains or losses. Source: Kelly 1956; quantstats `kelly_criterion`.
 */
export function kelly(series: Series): number | null {
  const wins = winRate(series);
  const lossesPerPayoff = wins === null ? null : ratio(1 - wins, payoff(series));
  return wins === null || lossesPerPayoff === null ? null : wins - lossesPerPayoff;
}

/**
 * How straight the equity grew: R² of cumulated log returns on time, in [0, 1]. Null under three days, without any
 * change, or after a total loss. Source: empyrical `stability_of_timeseries`.
 */
export function stability(returns: Series): number | null {
  const count = returns.length;
  if (count < 3) return null;
  const growth = new Float64Array(count);
  let level = 0;
  for (let i = 0; i < count; i += 1) {
    level += Math.log1p(returns[i] ?? 0);
    growth[i] = level;
  }
  const levelMean = mean(growth) ?? 0;
  const timeMean = (count - 1) / 2;
  let joint = 0;
  let levels = 0;
  let times = 0;
  for (let i = 0; i < count; i += 1) {
    joint += (i - timeMean) * ((growth[i] ?? 0) - levelMean);
    levels += ((growth[i] ?? 0) - levelMean) ** 2;
    times += (i - timeMean) ** 2;
  }
  return levels > 0 && Number.isFinite(levels) ? joint ** 2 / (levels * times) : null;
}
