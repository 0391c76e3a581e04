import { expect, test } from 'vitest';
import { syntheticCandles, toColumns } from '../candles/index.ts';
import { type TradingConfiguration, tradingConfiguration } from '../configuration/index.ts';
import { instrumentsSchema } from '../instruments/index.ts';
import { venueConfigSchema } from '../matching/index.ts';
import { portfolioRulesSchema } from '../portfolio/index.ts';
import { riskLimitsSchema } from '../risk/index.ts';
import { ReportInputError } from '../statistics/index.ts';
import { strategiesSchema } from '../strategies/index.ts';
import { dayRulesSchema } from '../supervision/index.ts';
import { backtestReport } from './report.ts';
import { type BacktestResult, runBacktest } from './run.ts';

const DAY_MS = 86_400_000;
const FROM = Date.UTC(2024, 0, 1);

const day = dayRulesSchema.parse({
  timeZone: 'UTC',
  start: '00:00',
  targetPct: 1,
  targetPolicy: 'ignore',
  lossCapPct: 5,
  lossCapFlatten: false,
  lossCapResume: 'next-day',
});

function configurationOf(): TradingConfiguration {
  const instrument = {
    ...{ symbol: 'BTCUSDT', base: 'BTC', quote: 'USDT', tickSize: '0.01', stepSize: '0.00001' },
    ...{ quantityMin: '0.00001', quantityMax: '9000', notionalMin: '5' },
  };
  const parameters = { fast: 20, slow: 60, atrPeriod: 30, atrMultiple: 6 };
  return tradingConfiguration({
    instruments: instrumentsSchema.parse({ instruments: [instrument] }),
    strategies: strategiesSchema.parse({
      interval: '1m',
      strategies: [{ symbol: 'BTCUSDT', strategy: 'ema-cross', parameters }],
    }),
    portfolio: portfolioRulesSchema.parse({ volTarget: 1, volWindow: 60, symbolCap: 0.4, band: 0.1 }),
    risk: riskLimitsSchema.parse({
      ...{ allowedSymbols: ['BTCUSDT'], marketDataAgeMsMax: 180_000, orderNotionalMax: 5_000 },
      ...{ positionNotionalMax: 5_000, positionShareMax: 0.45, collar: 0.02, takerFeeRate: 0.001 },
      stopSlippageFactor: 1.2,
      bars: {
        missingBarsMax: 0,
        zeroVolumeRunMax: 10,
        jumpSigmaMax: 12,
        jumpShareMin: 0.02,
        historyBars: 60,
      },
      approvalValidForMs: 60_000,
    }),
    day,
  });
}

const venue = venueConfigSchema.parse({
  ...{ makerFeeRate: '0.001', takerFeeRate: '0.001', slippageBps: 2, collar: '0.02' },
  startBalances: { USDT: '10000' },
});

const candles = [
  toColumns(
    'BTCUSDT',
    60_000,
    syntheticCandles({
      ...{ seed: 'report', symbol: 'BTCUSDT', interval: '1m', from: FROM, bars: 4 * 1440 },
      ...{ startPrice: '42000', tickSize: '0.01', volatility: 0.9 },
    }),
  ),
];

/** Two days of three bars: bought 2 at 100 with a fee of 0.002 base, sold 1.998 at 110 with a fee in quote. */
const handMade: BacktestResult = {
  bars: 6,
  cycles: 6,
  orders: [],
  fills: [],
  denials: ['TRADING_HALTED', 'DAILY_LOSS_CAP', 'TRADING_HALTED'].map((code) => ({
    ...{ cycleId: '1m:0', symbol: 'BTCUSDT', purpose: 'entry' as const, sequence: 0 },
    code: code as 'TRADING_HALTED',
  })),
  trades: [
    {
      ...{ symbol: 'BTCUSDT', entryTime: FROM + 60_000, exitTime: FROM + DAY_MS + 60_000 },
      ...{ quantity: 2, entryQuote: 200, soldQuantity: 1.998, exitQuote: 219.78 },
      ...{ fees: 0.2 + 0.21978, baseFees: 0.002, entryReason: 'ema-cross-up', exitReason: 'stop' },
      ...{ lowest: 95, highest: 108 },
    },
  ],
  openTimes: Float64Array.from(
    [0, 60_000, 120_000, DAY_MS, DAY_MS + 60_000, DAY_MS + 120_000],
    (ms) => FROM + ms,
  ),
  equity: Float64Array.from([1000, 999, 1010, 1005, 1019, 1019.56022]),
  exposure: Float64Array.from([0, 0.2, 0.2, 0.2, 0, 0]),
  exactEquity: [],
  balances: {},
  fees: 0.41978,
  slippage: 0.08,
  tradedNotional: 419.78,
  startEquity: 1000,
  endEquity: 1019.56022,
};

test('a small run by hand: days, the trade after its fees, excursions, denials, activity', () => {
  const report = backtestReport(handMade, { configuration: { day } });
  expect(report.period).toEqual({ from: '2024-01-01', to: '2024-01-02', days: 2, bars: 6 });
  expect(report.equity).toEqual({ start: 1000, end: 1019.56022 });
  expect(report.performance.totalReturn).toBeCloseTo(0.01956022, 12);
  expect(report.performance.bestDay).toMatchObject({ day: '2024-01-01' });
  expect(report.performance.bestDay?.return).toBeCloseTo(0.01, 12);
  expect(report.risk.maxDrawdown?.depth).toBeCloseTo(-(1010 - 1005) / 1010, 12);
  const [trade] = report.closedTrades;
  // 219.78 of proceeds less its fee of 0.21978, for 200 paid; the entry's fee is in the smaller quantity sold.
  expect(trade?.pnl).toBeCloseTo(19.56022, 10);
  expect(trade?.returnPct).toBeCloseTo(9.78011, 10);
  expect(trade?.mae).toBeCloseTo(-5, 10);
  expect(trade?.mfe).toBeCloseTo(10, 10); // the exit at 110 lies above the highest bar held to its end
  expect(report.deniedByCode).toEqual({ DAILY_LOSS_CAP: 1, TRADING_HALTED: 2 });
  expect(report.activity.timeInMarket).toBeCloseTo(0.5, 12);
  expect(report.activity.exposureMax).toBe(0.2);
  expect(report.activity).toMatchObject({ fees: 0.41978, slippage: 0.08 });
  expect(report.targetFeasibility).toMatchObject({ targetPct: 1, capPct: 5, days: 2 });
  expect(report.significance.trials).toBeNull();
});

test('days of another time zone and start', () => {
  const tokyo = { ...day, timeZone: 'Asia/Tokyo', start: '00:00' };
  const openTimes = Float64Array.from([14, 15, 16, 17, 18, 39], (hour) => FROM + hour * 3_600_000);
  const report = backtestReport({ ...handMade, openTimes }, { configuration: { day: tokyo } });
  // Midnight in Tokyo is 15:00 UTC.
  expect(report.period).toMatchObject({ from: '2024-01-01', to: '2024-01-03', days: 3 });
});

test('a run without a bar has no report', () => {
  const none = new Float64Array(0);
  const empty = { ...handMade, openTimes: none, equity: none, exposure: none };
  expect(() => backtestReport(empty, { configuration: { day } })).toThrow(ReportInputError);
});

const backtest = (to?: number) =>
  runBacktest({
    ...{ configuration: configurationOf(), venue, candles, record: 'fast' },
    ...(to === undefined ? {} : { to }),
  });

test('flat at both ends, the profits of the trades are the change of equity', () => {
  const whole = backtest();
  const flatRow = whole.exposure.findLastIndex(
    (share, row) => share === 0 && (whole.openTimes[row] ?? 0) > (whole.trades.at(-1)?.exitTime ?? 0),
  );
  const result = backtest((whole.openTimes[flatRow] ?? 0) + 60_000);
  expect(result.exposure.at(-1)).toBe(0);
  const report = backtestReport(result, { configuration: { day }, trials: { count: 10, variance: 0.01 } });
  expect(report.trades.trades).toBeGreaterThan(5);
  const change = result.endEquity - result.startEquity;
  expect(Math.abs(change)).toBeGreaterThan(1);
  // What is left of lots is worth less than a cent each.
  expect(report.trades.pnl).toBeCloseTo(change, 1);
  expect(report.trades.fees).toBeCloseTo(result.fees, 6);
  expect(report.equity).toEqual({ start: 10_000, end: result.endEquity });
  expect(report.significance.trials).toBe(10);
});

test('notional is that of the fills; exposure and excursions keep their ranges', () => {
  const result = backtest();
  const traded = result.fills.reduce((sum, fill) => sum + Number(fill.quoteQuantity), 0);
  expect(result.tradedNotional).toBeCloseTo(traded, 6);
  const report = backtestReport(result, { configuration: { day } });
  expect(report.activity.turnover).toBeGreaterThan(0);
  expect(report.activity.slippage).toBe(result.slippage);
  for (const trade of report.closedTrades) {
    expect(trade.mae).toBeLessThanOrEqual(0);
    expect(trade.mfe).toBeGreaterThanOrEqual(0);
    expect(trade.exitTime).toBeGreaterThan(trade.entryTime);
  }
  expect(result.exposure.every((share) => share >= 0 && share <= 0.46)).toBe(true);
  expect(result.exposure.some((share) => share > 0)).toBe(true);
});
