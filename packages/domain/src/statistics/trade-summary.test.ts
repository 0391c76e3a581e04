import { expect, test } from 'vitest';
import { toColumns } from '../candles/index.ts';
import type { ClosedTrade } from './closed-trade.ts';
import { excursion } from './excursion.ts';
import { groupTrades, summariseTrades } from './trade-summary.ts';

const MINUTE = 60_000;

function trade(pnl: number, extra: Partial<ClosedTrade> = {}): ClosedTrade {
  return {
    symbol: 'BTCUSDT',
    entryTime: 0,
    exitTime: 10 * MINUTE,
    quantity: 1,
    entryPrice: 100,
    exitPrice: 100 + pnl,
    pnl,
    fees: 0.2,
    returnPct: pnl,
    entryReason: 'ema-cross-up',
    exitReason: 'stop',
    mae: -1,
    mfe: 2,
    ...extra,
  };
}

const TRADES = [10, -5, -3, 0, 8, 6, 4, -6].map((pnl) => trade(pnl));

// By hand: profits 28 and losses 14 over 8 trades; deviations from 1.75 squared sum to 261.5.
test('summarises trades as the field does', () => {
  expect(summariseTrades(TRADES)).toEqual({
    trades: 8,
    winners: 4,
    losers: 3,
    pnl: 14,
    fees: expect.closeTo(1.6, 12) as number,
    winRate: 0.5,
    averageWin: 7,
    averageLoss: -14 / 3,
    payoff: 1.5,
    profitFactor: 2,
    expectancy: 1.75,
    expectancyPct: 1.75,
    sqn: expect.closeTo((1.75 / Math.sqrt(261.5 / 7)) * Math.sqrt(8), 12) as number,
    best: 10,
    worst: -6,
    longestWinningStreak: 3,
    longestLosingStreak: 2,
    averageDurationMs: 10 * MINUTE,
    averageMae: -1,
    averageMfe: 2,
  });
});

test('without trades, or without losers, figures are missing and not infinite', () => {
  expect(summariseTrades([])).toMatchObject({
    trades: 0,
    pnl: 0,
    winRate: null,
    profitFactor: null,
    sqn: null,
    best: null,
  });
  expect(summariseTrades([trade(3)])).toMatchObject({
    profitFactor: null,
    payoff: null,
    averageLoss: null,
    sqn: null,
  });
});

test('groups by reason and symbol, in alphabetical order', () => {
  const trades = [trade(5, { exitReason: 'time' }), trade(-2), trade(4), trade(1, { symbol: 'ADAUSDT' })];
  expect(
    groupTrades(trades, (item) => item.exitReason).map((group) => [group.key, group.trades, group.pnl]),
  ).toEqual([
    ['stop', 3, 3],
    ['time', 1, 5],
  ]);
  expect(groupTrades(trades, (item) => item.symbol).map((group) => group.key)).toEqual([
    'ADAUSDT',
    'BTCUSDT',
  ]);
});

const COLUMNS = toColumns(
  'BTCUSDT',
  MINUTE,
  [
    ['90', '130'],
    ['95', '120'],
    ['98', '104'],
    ['50', '150'],
  ].map(([low, high], i) => ({
    openTime: i * MINUTE,
    open: '100',
    high: high!,
    low: low!,
    close: '100',
    volume: '1',
  })),
);

test.each([
  ['from the open of bar 1 to the open of bar 3', MINUTE, 3 * MINUTE, 101, { mae: -5, mfe: 20 }],
  ['from inside bar 1', MINUTE + 30_000, 3 * MINUTE, 101, { mae: -5, mfe: 20 }],
  [
    'a stop inside bar 3 suffers its price and not the low of the bar',
    2 * MINUTE,
    3 * MINUTE + 59_999,
    97,
    { mae: -3, mfe: 4 },
  ],
  ['in and out within one bar', 3 * MINUTE, 3 * MINUTE + 1, 99, { mae: -1, mfe: 0 }],
  ['after the last bar', 9 * MINUTE, 10 * MINUTE, 110, { mae: 0, mfe: 10 }],
])('excursion %s', (_name, entryTime, exitTime, exitPrice, expected) => {
  const found = excursion(COLUMNS, { entryTime, exitTime, entryPrice: 100, exitPrice });
  expect(found.mae).toBeCloseTo(expected.mae, 10);
  expect(found.mfe).toBeCloseTo(expected.mfe, 10);
});
