import { studyRequested } from '@fleet/domain/events';
import { ANNUALISED_DAYS_MIN, type Report } from '@fleet/domain/statistics';

export const OBJECTIVES = studyRequested.schema.shape.objective.options;
export type Objective = (typeof OBJECTIVES)[number];

/** Why a trial cannot be the candidate; the codes are counted in the report. */
export const VIOLATIONS = ['OBJECTIVE_UNDEFINED', 'TRADES_BELOW_MINIMUM', 'DRAWDOWN_ABOVE_MAXIMUM'] as const;
export type Violation = (typeof VIOLATIONS)[number];

export interface Constraints {
  /** Closed trades that a trial needs at least. */
  readonly tradesMin: number;
  /** Greatest drawdown of equity that is allowed, as a positive share: 0.2 is 20 %. */
  readonly drawdownMax: number;
}

/** What of a trial's report is kept; shares unless named otherwise, null where undefined. */
export interface TrialMetrics {
  readonly days: number;
  readonly totalReturn: number;
  readonly cagr: number | null;
  readonly sharpe: number | null;
  readonly sortino: number | null;
  readonly calmar: number | null;
  /** Mean / deviation of the daily returns, not annualised: what the deflated Sharpe ratio counts with. */
  readonly dailySharpe: number | null;
  readonly profitFactor: number | null;
  /** ≤ 0. */
  readonly maxDrawdown: number;
  readonly trades: number;
  readonly winRate: number | null;
  readonly exposureMean: number | null;
  readonly turnover: number | null;
  /** Quote units. */
  readonly fees: number;
  readonly slippage: number;
  readonly endEquity: number;
}

export function trialMetrics(report: Report): TrialMetrics {
  const { performance, risk, trades, activity, targetFeasibility } = report;
  const { mean, deviation } = targetFeasibility.dayResultPct;
  return {
    days: report.period.days,
    totalReturn: performance.totalReturn,
    cagr: performance.cagr,
    sharpe: performance.sharpe,
    sortino: performance.sortino,
    calmar: performance.calmar,
    dailySharpe: mean === null || deviation === null || !(deviation > 0) ? null : mean / deviation,
    profitFactor: trades.profitFactor,
    maxDrawdown: risk.maxDrawdown?.depth ?? 0,
    trades: trades.trades,
    winRate: trades.winRate,
    exposureMean: activity.exposureMean,
    turnover: activity.turnover,
    fees: activity.fees,
    slippage: activity.slippage,
    endEquity: report.equity.end,
  };
}

/** The figure that ranks; null where it is not defined (no loser, no deviation, too few days). */
export function objectiveOf(metrics: TrialMetrics, objective: Objective): number | null {
  const value = metrics[objective];
  return value !== null && Number.isFinite(value) ? value : null;
}

/** Trading days that the objective needs; annualised ratios are undefined under 30. */
export function objectiveDaysMin(objective: Objective): number {
  return objective === 'totalReturn' || objective === 'profitFactor' ? 1 : ANNUALISED_DAYS_MIN;
}

export function violationsOf(
  objective: number | null,
  { trades, maxDrawdown }: Pick<TrialMetrics, 'trades' | 'maxDrawdown'>,
  { tradesMin, drawdownMax }: Constraints,
): Violation[] {
  const found: Record<Violation, boolean> = {
    OBJECTIVE_UNDEFINED: objective === null,
    TRADES_BELOW_MINIMUM: trades < tradesMin,
    DRAWDOWN_ABOVE_MAXIMUM: -maxDrawdown > drawdownMax,
  };
  return VIOLATIONS.filter((violation) => found[violation]);
}

export interface Ranked {
  readonly index: number;
  readonly objective: number | null;
  readonly violations: readonly Violation[];
}

/** Best first by the train objective, ties by the order of drawing; trials that violate a condition are left out. */
export function rankTrials<Trial extends Ranked>(trials: readonly Trial[]): Trial[] {
  return trials
    .filter(({ objective, violations }) => objective !== null && violations.length === 0)
    .toSorted((a, b) => (b.objective ?? 0) - (a.objective ?? 0) || a.index - b.index);
}

/** How many trials break each condition; conditions that none breaks are left out. */
export function countViolations(trials: readonly Ranked[]): Partial<Record<Violation, number>> {
  const counts: Partial<Record<Violation, number>> = {};
  for (const violation of VIOLATIONS) {
    const count = trials.filter(({ violations }) => violations.includes(violation)).length;
    if (count > 0) counts[violation] = count;
  }
  return counts;
}
