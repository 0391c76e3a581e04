export { type Bar, type BarText, toBar } from './bar.ts';
export {
  INTERVALS,
  type Interval,
  IntervalUnknownError,
  intervalMs,
  intervalName,
  isInterval,
} from './interval.ts';
export {
  BAR_FAULTS,
  type BarFault,
  type BarFaultCode,
  type BarLimits,
  type BarVerdict,
  judgeBar,
} from './reasonability.ts';
export {
  createReturnHistory,
  historyFull,
  type ReturnHistory,
  recordBar,
  restoreHistory,
  returnDeviation,
  snapshotHistory,
} from './return-history.ts';
