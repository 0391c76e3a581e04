import { expect, test } from 'vitest';
import {
  countViolations,
  OBJECTIVES,
  objectiveDaysMin,
  objectiveOf,
  rankTrials,
  type TrialMetrics,
  VIOLATIONS,
  violationsOf,
} from './objective.ts';

const metrics: TrialMetrics = {
  ...{ days: 40, totalReturn: 0.1, cagr: 0.5, sharpe: 1.5, sortino: 2, calmar: 3, dailySharpe: 0.08 },
  ...{ profitFactor: 1.4, maxDrawdown: -0.2, trades: 30, winRate: 0.4, exposureMean: 0.3, turnover: 9 },
  ...{ fees: 12, slippage: 3, endEquity: 11_000 },
};

test.each(OBJECTIVES)('the objective %s is the figure of its name, null when undefined', (objective) => {
  expect(objectiveOf(metrics, objective)).toBe(metrics[objective]);
  expect(objectiveOf({ ...metrics, [objective]: null }, objective)).toBeNull();
  expect(objectiveOf({ ...metrics, [objective]: Number.POSITIVE_INFINITY }, objective)).toBeNull();
});

test('annualised ratios need 30 days', () => {
  expect(Object.fromEntries(OBJECTIVES.map((each) => [each, objectiveDaysMin(each)]))).toEqual({
    ...{ sharpe: 30, sortino: 30, calmar: 30, profitFactor: 1, totalReturn: 1 },
  });
});

const limits = { tradesMin: 30, drawdownMax: 0.2 };

const rows: [(typeof VIOLATIONS)[number] | 'none', number | null, Partial<TrialMetrics>][] = [
  ['OBJECTIVE_UNDEFINED', null, {}],
  ['TRADES_BELOW_MINIMUM', 1, { trades: 29 }],
  ['DRAWDOWN_ABOVE_MAXIMUM', 1, { maxDrawdown: -0.2001 }],
  ['none', 1, {}],
  ['none', -1, { maxDrawdown: 0 }],
];

test.each(rows)('conditions: %s', (violation, objective, over) => {
  const expected = violation === 'none' ? [] : [violation];
  expect(violationsOf(objective, { ...metrics, ...over }, limits)).toEqual(expected);
});

test('every condition has a row, and all that are broken are named', () => {
  for (const violation of VIOLATIONS) expect(rows.some(([code]) => code === violation)).toBe(true);
  const all = violationsOf(null, { ...metrics, trades: 0, maxDrawdown: -0.9 }, limits);
  expect(all).toEqual([...VIOLATIONS]);
});

const trial = (index: number, objective: number | null, ...violations: (typeof VIOLATIONS)[number][]) => ({
  ...{ index, objective, violations },
});

test('the best by the objective comes first, equal ones by the order of drawing, others are left out', () => {
  const trials = [
    trial(3, 1),
    trial(1, 2),
    trial(0, 2),
    trial(4, 9, 'TRADES_BELOW_MINIMUM'),
    trial(5, null, 'OBJECTIVE_UNDEFINED', 'TRADES_BELOW_MINIMUM'),
    trial(2, -1),
  ];
  expect(rankTrials(trials).map(({ index }) => index)).toEqual([0, 1, 3, 2]);
  expect(rankTrials(trials.toReversed()).map(({ index }) => index)).toEqual([0, 1, 3, 2]);
  expect(countViolations(trials)).toEqual({ OBJECTIVE_UNDEFINED: 1, TRADES_BELOW_MINIMUM: 2 });
});
