import { expect, test } from 'vitest';
import type { ClosedTrade } from './closed-trade.ts';
import type { EquityDay } from './equity-days.ts';
import { buildReport, type ReportInput } from './report.ts';
import { ReportInputError } from './report-input-error.ts';
import { cagr, sharpe } from './returns.ts';

const DAY = 86_400_000;
const START = Date.UTC(2024, 0, 1);
const TRADE: ClosedTrade = {
  symbol: 'BTCUSDT',
  entryTime: START,
  exitTime: START + DAY,
  quantity: 0.5,
  entryPrice: 100,
  exitPrice: 104,
  pnl: 1.9,
  fees: 0.1,
  returnPct: 3.8,
  entryReason: 'ema-cross-up',
  exitReason: 'stop',
  mae: -1,
  mfe: 5,
};

/** Two bars a day: one mark in the middle, 1 % below the worse of open and close, and one at the close. */
function input(returns: readonly number[], change: Partial<ReportInput> = {}): ReportInput {
  let equity = 1000;
  const days = returns.map((value, i): EquityDay => {
    const openTime = START + i * DAY;
    const openEquity = equity;
    equity *= 1 + value;
    const day = new Date(openTime).toISOString().slice(0, 10);
    return { day, openTime, openEquity, closeEquity: equity, netDeposits: 0 };
  });
  const marks = days.flatMap((day) => [0.99 * Math.min(day.openEquity, day.closeEquity), day.closeEquity]);
  return {
    equityByDay: days,
    equityByBar: {
      times: Float64Array.from(marks, (_, i) => START + (i * DAY) / 2),
      equity: Float64Array.from(marks),
      exposure: Float64Array.from(marks, (_, i) => (i % 2 === 0 ? 0.5 : 0)),
    },
    trades: [TRADE],
    fees: 0.1,
    slippage: 0.05,
    tradedNotional: 102,
    deniedByCode: { DAILY_LOSS_CAP: 3 },
    targetPct: 1,
    capPct: 2,
    ...change,
  };
}

const RETURNS = Array.from({ length: 60 }, (_, i) => (((i * 37) % 101) - 47) / 5000);

test('brings the figures of one run together', () => {
  const report = buildReport(input(RETURNS, { trials: { count: 20, variance: 0.001 }, benchmark: RETURNS }));
  expect(report.period).toEqual({ from: '2024-01-01', to: '2024-02-29', days: 60, bars: 120 });
  expect(report.performance.sharpe).toBeCloseTo(sharpe(RETURNS)!, 9);
  expect(report.performance.cagr).toBeCloseTo(cagr(RETURNS)!, 9);
  expect(report.performance.bestDay!.return).toBeCloseTo(Math.max(...RETURNS), 12);
  expect(report.benchmark!.beta).toBeCloseTo(1, 9);
  expect(report.significance.trials).toBe(20);
  expect(report.significance.deflatedSharpe!).toBeLessThan(report.significance.probabilisticSharpe!);
  expect(report.activity).toMatchObject({
    exposureMean: 0.25,
    exposureMax: 0.5,
    timeInMarket: 0.5,
    fees: 0.1,
  });
  expect(report.trades).toMatchObject({ trades: 1, pnl: 1.9 });
  expect(report.byExitReason).toMatchObject([{ key: 'stop', trades: 1 }]);
  expect(report.deniedByCode).toEqual({ DAILY_LOSS_CAP: 3 });
});

test('sees the drawdown between the closes of days, on bars', () => {
  const { risk } = buildReport(input([0.1, 0, 0.1]));
  expect(risk.maxDrawdown!.depth).toBeCloseTo(-0.01, 12);
  expect(buildReport(input([0.1, -0.2, 0.1])).risk.maxDrawdown!.depth).toBeCloseTo(0.8 * 0.99 - 1, 12);
});

test('takes deposits out of return and drawdown', () => {
  const days = input([0.01, 0.01]).equityByDay.map((day, i) =>
    i === 0 ? day : { ...day, closeEquity: day.closeEquity + 500, netDeposits: 500 },
  );
  const equity = Float64Array.from([1000, 1010, 1510, 1520.1]);
  const curve = { times: Float64Array.from([0, 0.5, 1, 1.5], (part) => START + part * DAY), equity };
  const report = buildReport(input([], { equityByDay: days, equityByBar: curve }));
  expect(report.performance.totalReturn).toBeCloseTo(1.01 ** 2 - 1, 12);
  expect(report.risk.maxDrawdown!.depth).toBe(0);
  expect(report.activity.exposureMean).toBeNull();
});

test('results by month compound, by weekday they are means', () => {
  const report = buildReport(input(RETURNS));
  expect(report.byMonth.map((month) => [month.key, month.days])).toEqual([
    ['2024-01', 31],
    ['2024-02', 29],
  ]);
  const growth = report.byMonth.reduce((total, month) => total * (1 + month.return), 1) - 1;
  expect(growth).toBeCloseTo(report.performance.totalReturn, 12);
  expect(report.byWeekday.map((weekday) => weekday.key)[0]).toBe('monday');
  expect(report.byWeekday.reduce((days, weekday) => days + weekday.days, 0)).toBe(60);
  // 2024-01-01 was a Monday.
  expect(buildReport(input([0.02])).byWeekday).toMatchObject([{ key: 'monday', days: 1, winRate: 1 }]);
});

test.each([
  ['a day without trades', input([0], { trades: [] })],
  ['under 30 days', input(RETURNS.slice(0, 29))],
  ['days that only win', input(new Array<number>(40).fill(0.001), { trades: [TRADE, TRADE] })],
  ['no bars', input([0.01], { equityByBar: { times: new Float64Array(0), equity: new Float64Array(0) } })],
])('is plain JSON, without NaN and Infinity: %s', (_name, given) => {
  const report = buildReport(given);
  expect(JSON.parse(JSON.stringify(report))).toEqual(report);
});

test('annualises nothing under 30 days', () => {
  const { performance } = buildReport(input(RETURNS.slice(0, 29)));
  const { cagr: growth, annualVolatility, sharpe: ratio, sortino, calmar, downsideRisk } = performance;
  expect([growth, annualVolatility, ratio, sortino, calmar, downsideRisk]).toEqual([
    null,
    null,
    null,
    null,
    null,
    null,
  ]);
  expect(performance.totalReturn).not.toBe(0);
});

const GOOD = input([0.01, 0.02]);
const [FIRST, SECOND] = GOOD.equityByDay;
const CURVE = GOOD.equityByBar;
test.each<[string, Partial<ReportInput>, RegExp]>([
  ['no day', { equityByDay: [] }, /at least one trading day/],
  ['an empty account', { equityByDay: [{ ...FIRST!, openEquity: 0 }] }, /opens with equity 0/],
  ['a close that is no number', { equityByDay: [{ ...FIRST!, closeEquity: Number.NaN }] }, /has no close/],
  ['days out of order', { equityByDay: [SECOND!, FIRST!] }, /does not open after/],
  ['other lengths', { equityByBar: { ...CURVE, equity: CURVE.equity.subarray(1) } }, /4 bar times and 3/],
  [
    'bars out of order',
    { equityByBar: { ...CURVE, times: CURVE.times.toReversed() } },
    /Bar 1 .* does not follow/,
  ],
  [
    'bars before the first day',
    { equityByBar: { ...CURVE, times: CURVE.times.map((time) => time - DAY) } },
    /Bar 0/,
  ],
  [
    'equity that is no number',
    { equityByBar: { ...CURVE, equity: CURVE.equity.map(() => Number.NaN) } },
    /Bar 0 has equity/,
  ],
])('refuses %s', (_name, change, message) => {
  expect(() => buildReport({ ...GOOD, ...change })).toThrow(ReportInputError);
  expect(() => buildReport({ ...GOOD, ...change })).toThrow(message);
});
