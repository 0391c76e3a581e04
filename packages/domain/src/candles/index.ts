export { type CandleFault, CandleFormatError } from './candle-format-error.ts';
export { CANDLE_HEADER } from './candle-layout.ts';
export {
  type CandleTextOptions,
  formatCandleLine,
  formatCandleText,
  parseCandleLine,
  parseCandleText,
} from './candle-text.ts';
export {
  type CandleColumns,
  type ColumnOptions,
  columnBar,
  columnText,
  firstRowFrom,
  parseCandleColumns,
  sliceColumns,
  toColumns,
} from './columns.ts';
export { plainDecimal } from './plain-decimal.ts';
export { createSynthetic, nextSynthetic, type SyntheticState, syntheticCandles } from './synthetic.ts';
export {
  type SyntheticMarket,
  SyntheticMarketError,
  type SyntheticOptions,
  syntheticMarket,
} from './synthetic-market.ts';
