import { type BenchmarkComparison, compareWithBenchmark } from './benchmark.ts';
import { byMonth, byWeekday, type PeriodResult } from './calendar.ts';
import type { ClosedTrade } from './closed-trade.ts';
import { dayReturn, type EquityCurve, type EquityDay, growthCurve } from './equity-days.ts';
import { type PerformanceFigures, performance, type RiskFigures, risk } from './report-figures.ts';
import { checkReportInput } from './report-input-error.ts';
import { mean, ratio, type Series } from './series.ts';
import { deflatedSharpe, probabilisticSharpe } from './sharpe-significance.ts';
import { type TargetFeasibility, targetFeasibility } from './target-feasibility.ts';
import { groupTrades, summariseTrades, type TradeGroup, type TradeSummary } from './trade-summary.ts';

export interface ReportInput {
  readonly equityByDay: readonly EquityDay[];
  readonly equityByBar: EquityCurve;
  /** In the order of their exits. */
  readonly trades: readonly ClosedTrade[];
  /** Sums over all fills in quote units: fees, cost against the decision prices, value bought plus value sold. */
  readonly fees: number;
  readonly slippage: number;
  readonly tradedNotional: number;
  readonly deniedByCode: Readonly<Record<string, number>>;
  readonly targetPct: number;
  readonly capPct: number;
  /** How many parameter sets were tried, and the variance of their per-period Sharpe ratios. */
  readonly trials?: { readonly count: number; readonly variance: number };
  /** Daily returns of the benchmark on the same days. */
  readonly benchmark?: Series;
}

/** Plain JSON: shares unless a name says pct, money in quote units, times in epoch ms; null where undefined. */
export interface Report {
  readonly period: {
    readonly from: string;
    readonly to: string;
    readonly days: number;
    readonly bars: number;
  };
  readonly equity: { readonly start: number; readonly end: number };
  readonly performance: PerformanceFigures;
  readonly risk: RiskFigures;
  readonly significance: {
    readonly probabilisticSharpe: number | null;
    readonly deflatedSharpe: number | null;
    readonly trials: number | null;
  };
  readonly benchmark: BenchmarkComparison | null;
  readonly activity: ActivityFigures;
  readonly trades: TradeSummary;
  readonly bySymbol: readonly TradeGroup[];
  readonly byEntryReason: readonly TradeGroup[];
  readonly byExitReason: readonly TradeGroup[];
  readonly byMonth: readonly PeriodResult[];
  readonly byWeekday: readonly PeriodResult[];
  readonly deniedByCode: Readonly<Record<string, number>>;
  readonly targetFeasibility: TargetFeasibility;
  readonly closedTrades: readonly ClosedTrade[];
}

export interface ActivityFigures {
  /** Mean and greatest share of equity held, and share of bars with a position; null without exposures. */
  readonly exposureMean: number | null;
  readonly exposureMax: number | null;
  readonly timeInMarket: number | null;
  /** Traded value / mean equity over the bars. */
  readonly turnover: number | null;
  readonly fees: number;
  readonly slippage: number;
}

/**
 * The report of a run. Returns are daily simple ones at the trading day's close, flat days included, 365 a year,
 * risk-free rate 0, sample deviation, nothing annualised under 30 days; drawdowns and exposure are measured on bars.
 * Throws ReportInputError when the pieces do not fit together.
 */
export function buildReport(input: ReportInput): Report {
  checkReportInput(input);
  const { equityByDay: days, equityByBar: curve, trades, trials } = input;
  const returns = Float64Array.from(days, dayReturn);
  const growth = growthCurve(days, curve);
  const risks = risk(returns, growth.level, growth.times);
  const significance = {
    probabilisticSharpe: probabilisticSharpe(returns),
    deflatedSharpe: trials === undefined ? null : deflatedSharpe(returns, trials.count, trials.variance),
    trials: trials?.count ?? null,
  };
  return {
    period: {
      from: days[0]?.day ?? '',
      to: days.at(-1)?.day ?? '',
      days: days.length,
      bars: curve.times.length,
    },
    equity: { start: days[0]?.openEquity ?? 0, end: days.at(-1)?.closeEquity ?? 0 },
    performance: performance(days, returns, risks.maxDrawdown?.depth ?? null),
    risk: risks,
    significance,
    benchmark: input.benchmark === undefined ? null : compareWithBenchmark(returns, input.benchmark),
    activity: activity(input),
    trades: summariseTrades(trades),
    bySymbol: groupTrades(trades, (trade) => trade.symbol),
    byEntryReason: groupTrades(trades, (trade) => trade.entryReason),
    byExitReason: groupTrades(trades, (trade) => trade.exitReason),
    byMonth: byMonth(days),
    byWeekday: byWeekday(days),
    deniedByCode: input.deniedByCode,
    targetFeasibility: targetFeasibility(days, curve, input.targetPct, input.capPct),
    closedTrades: trades,
  };
}

function activity(input: ReportInput): ActivityFigures {
  const { equity, exposure } = input.equityByBar;
  const held =
    exposure === undefined ? null : exposure.reduce((count, share) => count + (share > 0 ? 1 : 0), 0);
  return {
    exposureMean: exposure === undefined ? null : mean(exposure),
    exposureMax: exposure === undefined ? null : exposure.reduce((a, b) => Math.max(a, b), 0),
    timeInMarket: ratio(held, equity.length),
    turnover: ratio(input.tradedNotional, mean(equity)),
    fees: input.fees,
    slippage: input.slippage,
  };
}
