export { hasWorkingSell, observeBar, startWorking, stopWorking } from './bars.ts';
export {
  applyFill,
  applyTransfer,
  costOfOpening,
  type Fill,
  type Posting,
  positionOf,
  postingsOfFill,
  postingsOfTransfer,
  UnknownSymbolError,
} from './fills.ts';
export { equityMark, exactEquity, type PnlFigures, pnlFigures, unrealisedPnl } from './mark.ts';
export {
  exitOrder,
  flattenOrders,
  type OnSkip,
  type PlannedOrder,
  type PlanSignal,
  planCycle,
  planOrders,
  type SkippedSymbol,
  targetWeight,
} from './plan.ts';
export { type PortfolioRules, portfolioRulesSchema } from './rules.ts';
export {
  addBalance,
  emptyPortfolio,
  emptyPosition,
  isHolding,
  type PortfolioSetup,
  type PortfolioState,
  type Position,
  sellable,
  setBalance,
  type WorkingOrder,
} from './state.ts';
export { barsPerYear, ReturnWindow } from './volatility.ts';
