export { BarSets, CandleSetError } from './bar-sets.ts';
export type { RecordedDenial, RecordedFill, RecordedOrder, RecordedTrade } from './recorder.ts';
export { type BacktestInput, type BacktestResult, type Deployment, runBacktest } from './run.ts';
