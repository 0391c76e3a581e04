export {
  type CandleMarketOptions,
  loadCandleMarket,
  loadSyntheticMarket,
  type SyntheticMarketOptions,
} from './market/load-market.ts';
export type { Market } from './market/market.ts';
export type { ApiKey } from './rest/signature.ts';
export type { AdvanceAnswer, Cursor } from './run/replay-position.ts';
export {
  PAPER_KEY,
  type RunningSimulator,
  type SimulatorOptions,
  startSimulator,
} from './start-simulator.ts';
