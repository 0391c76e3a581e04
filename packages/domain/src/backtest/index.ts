export { BarSets, CandleSetError } from './bar-sets.ts';
export type { RecordedDenial, RecordedFill, RecordedOrder, RecordedTrade } from './recorder.ts';
export { type BacktestReportInput, backtestReport } from './report.ts';
export { type BacktestInput, type BacktestResult, type Deployment, runBacktest } from './run.ts';
