export { type BenchmarkComparison, compareWithBenchmark } from './benchmark.ts';
export { byMonth, byWeekday, type PeriodResult, WEEKDAYS } from './calendar.ts';
export type { ClosedTrade } from './closed-trade.ts';
export { type Drawdown, maxDrawdown, type UnderWater, ulcerIndex, underWater } from './drawdown.ts';
export { dayReturn, type EquityCurve, type EquityDay } from './equity-days.ts';
export { type Excursion, excursion } from './excursion.ts';
export { normalDistribution, normalQuantile } from './normal.ts';
export { type ActivityFigures, buildReport, type Report, type ReportInput } from './report.ts';
export type { PerformanceFigures, RiskFigures } from './report-figures.ts';
export { ReportInputError } from './report-input-error.ts';
export {
  ANNUALISED_DAYS_MIN,
  annualVolatility,
  cagr,
  calmar,
  DAYS_PER_YEAR,
  downsideRisk,
  omega,
  sharpe,
  sortino,
  totalReturn,
} from './returns.ts';
export { mean, percentile, type Series, sampleDeviation } from './series.ts';
export { deflatedSharpe, expectedBestSharpe, probabilisticSharpe } from './sharpe-significance.ts';
export {
  type Proportion,
  type TargetFeasibility,
  targetFeasibility,
  wilsonInterval,
} from './target-feasibility.ts';
export { groupTrades, summariseTrades, type TradeGroup, type TradeSummary } from './trade-summary.ts';
