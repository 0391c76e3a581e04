import { type Drawdown, maxDrawdown, type UnderWater, ulcerIndex, underWater } from './drawdown.ts';
import { dayReturn, type EquityDay } from './equity-days.ts';
import {
  annualVolatility,
  cagr,
  calmar,
  downsideRisk,
  gainToPain,
  kelly,
  omega,
  sharpe,
  sortino,
  stability,
  totalReturn,
  winRate,
} from './returns.ts';
import type { Series } from './series.ts';
import {
  conditionalValueAtRisk,
  populationKurtosis,
  populationSkew,
  tailRatio,
  valueAtRisk,
} from './tails.ts';

export interface DayExtreme {
  readonly day: string;
  readonly return: number;
}

/** Of daily returns; each figure's formula and source stand at the function of its name. */
export interface PerformanceFigures {
  readonly totalReturn: number;
  readonly cagr: number | null;
  readonly annualVolatility: number | null;
  readonly sharpe: number | null;
  readonly sortino: number | null;
  readonly calmar: number | null;
  readonly omega: number | null;
  readonly downsideRisk: number | null;
  readonly gainToPain: number | null;
  readonly kelly: number | null;
  readonly stability: number | null;
  readonly winRateDays: number | null;
  readonly bestDay: DayExtreme | null;
  readonly worstDay: DayExtreme | null;
}

export interface RiskFigures {
  /** On bars, deposits taken out. */
  readonly maxDrawdown: Drawdown | null;
  readonly underWater: UnderWater | null;
  /** On days. */
  readonly ulcerIndex: number | null;
  readonly valueAtRisk95: number | null;
  readonly conditionalValueAtRisk95: number | null;
  readonly valueAtRisk99: number | null;
  readonly conditionalValueAtRisk99: number | null;
  readonly skew: number | null;
  readonly kurtosis: number | null;
  readonly tailRatio: number | null;
}

export function performance(
  days: readonly EquityDay[],
  returns: Series,
  drawdownDepth: number | null,
): PerformanceFigures {
  const annualGrowth = cagr(returns);
  return {
    totalReturn: totalReturn(returns),
    cagr: annualGrowth,
    annualVolatility: annualVolatility(returns),
    sharpe: sharpe(returns),
    sortino: sortino(returns),
    calmar: calmar(annualGrowth, drawdownDepth),
    omega: omega(returns),
    downsideRisk: downsideRisk(returns),
    gainToPain: gainToPain(returns),
    kelly: kelly(returns),
    stability: stability(returns),
    winRateDays: winRate(returns),
    bestDay: extremeDay(days, (a, b) => a > b),
    worstDay: extremeDay(days, (a, b) => a < b),
  };
}

function extremeDay(days: readonly EquityDay[], beats: (a: number, b: number) => boolean): DayExtreme | null {
  let found: DayExtreme | null = null;
  for (const day of days) {
    const value = dayReturn(day);
    if (found === null || beats(value, found.return)) found = { day: day.day, return: value };
  }
  return found;
}

export function risk(returns: Series, level: Series, times: Series): RiskFigures {
  return {
    maxDrawdown: maxDrawdown(level, times),
    underWater: underWater(level, times),
    ulcerIndex: ulcerIndex(returns),
    valueAtRisk95: valueAtRisk(returns, 0.95),
    conditionalValueAtRisk95: conditionalValueAtRisk(returns, 0.95),
    valueAtRisk99: valueAtRisk(returns, 0.99),
    conditionalValueAtRisk99: conditionalValueAtRisk(returns, 0.99),
    skew: populationSkew(returns),
    kurtosis: populationKurtosis(returns),
    tailRatio: tailRatio(returns),
  };
}
