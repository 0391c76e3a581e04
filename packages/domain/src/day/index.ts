export { localTimeOf } from './local-time.ts';
export { type TradingDayRules, type TradingDays, tradingDays } from './trading-day.ts';
