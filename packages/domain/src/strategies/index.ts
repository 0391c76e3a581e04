export {
  type StrategiesConfig,
  type StrategyAssignment,
  strategiesSchema,
  strategyAssignmentSchema,
  strategyVersion,
} from './assignment.ts';
export { type BollingerRsiParameters, type BollingerRsiState, bollingerRsi } from './bollinger-rsi.ts';
export { type EmaCrossParameters, type EmaCrossState, emaCross } from './ema-cross.ts';
export { STRATEGIES, StrategyUnknownError, strategyByName } from './registry.ts';
export type {
  AnyStrategy,
  SearchRange,
  Strategy,
  StrategyParameters,
  StrategySignal,
} from './strategy.ts';
