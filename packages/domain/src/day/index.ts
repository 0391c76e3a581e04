export { type TradingDayRules, type TradingDays, tradingDays } from './trading-day.ts';
