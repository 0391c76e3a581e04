export { type AdxState, createAdx, updateAdx } from './adx.ts';
export { type AtrState, createAtr, updateAtr } from './atr.ts';
export { type BollingerState, createBollinger, updateBollinger } from './bollinger.ts';
export { type CciState, createCci, updateCci } from './cci.ts';
export { createDonchian, type DonchianState, updateDonchian } from './donchian.ts';
export { createEma, type EmaState, updateEma } from './ema.ts';
export { createRollingMaximum, pushMaximum, type RollingMaximum } from './extremes.ts';
export { createMacd, type MacdState, updateMacd } from './macd.ts';
export { createMfi, type MfiState, updateMfi } from './mfi.ts';
export {
  createMoments,
  type MomentsState,
  mean,
  momentsFull,
  populationVariance,
  pushMoments,
  sampleVariance,
} from './moments.ts';
export { createObv, type ObvState, updateObv } from './obv.ts';
export { checkedPeriod, IndicatorPeriodError, PERIOD_MAX } from './period.ts';
export { createRoc, type RocState, updateRoc } from './roc.ts';
export { createRsi, type RsiState, updateRsi } from './rsi.ts';
export { createSma, type SmaState, updateSma } from './sma.ts';
export { createStddev, type StddevState, updateStddev } from './stddev.ts';
export { createStochastic, type StochasticState, updateStochastic } from './stochastic.ts';
export { trueRange } from './true-range.ts';
export { createWilder, updateWilder, type WilderState } from './wilder.ts';
export { createWma, updateWma, type WmaState } from './wma.ts';
