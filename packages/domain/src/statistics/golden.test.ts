import { referenceText } from '@fleet/testkit/reference-data';
import { expect, test } from 'vitest';
import { parseCandleColumns } from '../candles/index.ts';
import { compareWithBenchmark } from './benchmark.ts';
import { maxDrawdown, ulcerIndex } from './drawdown.ts';
import * as returns from './returns.ts';
import type { Series } from './series.ts';
import { deflatedSharpe, probabilisticSharpe } from './sharpe-significance.ts';
import * as tails from './tails.ts';

type Values = Record<string, number | null>;

/** Every key of the reference file, by the functions of this folder. */
function values(daily: Series, benchmark: Series, level: Series, times: Series): Values {
  const drawdown = maxDrawdown(level, times);
  const comparison = compareWithBenchmark(daily, benchmark);
  return {
    total_return: returns.totalReturn(daily),
    cagr: returns.cagr(daily),
    annual_volatility: returns.annualVolatility(daily),
    sharpe: returns.sharpe(daily),
    sortino: returns.sortino(daily),
    calmar: returns.calmar(returns.cagr(daily), drawdown!.depth),
    omega: returns.omega(daily),
    max_drawdown: drawdown!.depth,
    tail_ratio: tails.tailRatio(daily),
    stability: returns.stability(daily),
    downside_risk: returns.downsideRisk(daily),
    alpha: comparison.alpha,
    beta: comparison.beta,
    information_ratio_quantstats: comparison.informationRatio,
    var_95_historical: tails.valueAtRisk(daily, 0.95),
    cvar_95_historical: tails.conditionalValueAtRisk(daily, 0.95),
    var_99_historical: tails.valueAtRisk(daily, 0.99),
    cvar_99_historical: tails.conditionalValueAtRisk(daily, 0.99),
    skew_population: tails.populationSkew(daily),
    excess_kurtosis_population: tails.populationKurtosis(daily),
    skew_sample: tails.sampleSkew(daily),
    excess_kurtosis_sample: tails.sampleKurtosis(daily),
    best_day: Math.max(...Array.from(daily)),
    worst_day: Math.min(...Array.from(daily)),
    win_rate_days: returns.winRate(daily),
    profit_factor_days: returns.omega(daily),
    ulcer_index_quantstats: ulcerIndex(daily),
    gain_to_pain_quantstats: returns.gainToPain(daily),
    kelly_quantstats: returns.kelly(daily),
    probabilistic_sharpe_vs_0: probabilisticSharpe(daily),
    'deflated_sharpe_100_trials_variance_0.0004': deflatedSharpe(daily, 100, 0.0004),
  };
}

function expectEqual(found: Values, expected: Record<string, number>): void {
  expect(Object.keys(found).sort()).toEqual(Object.keys(expected).sort());
  for (const [key, value] of Object.entries(expected)) {
    expect(Math.abs(found[key]! / value - 1), `${key} = ${found[key]}, expected ${value}`).toBeLessThan(1e-9);
  }
}

const golden = referenceText('golden/metrics.json');
const closes = ['BTCUSDT', 'ETHUSDT'].map((symbol) => {
  const text = referenceText(`candles/${symbol}-1d-20170817-20241231.csv.gz`);
  return text === null ? null : parseCandleColumns(text, { symbol });
});

const daily = (close: Series) =>
  Array.from(close)
    .map((price, i, all) => (i === 0 ? 0 : price / all[i - 1]! - 1))
    .slice(1);

// By empyrical-reloaded 0.7, quantstats 0.0.86 and scipy on real daily closes.
test.runIf(golden !== null && closes[0] !== null)('every metric equals the outside value within 1e-9', () => {
  const expected = JSON.parse(golden!) as { metrics: Record<string, number> } & Record<string, string>;
  const [own, other] = closes;
  expectEqual(values(daily(own!.close), daily(other!.close), own!.close, own!.openTime), expected.metrics);
  const drawdown = maxDrawdown(own!.close, own!.openTime)!;
  const date = (time: number | null) => new Date(time!).toISOString().slice(0, 10);
  expect(date(drawdown.start)).toBe(expected['drawdown_peak']);
  expect(date(drawdown.end)).toBe(expected['drawdown_trough']);
  expect(date(drawdown.recovery)).toBe(expected['drawdown_recovered']);
});

const OWN = Array.from({ length: 60 }, (_, i) => (((i * 37) % 101) - 47) / 1000);
const OTHER = Array.from({ length: 60 }, (_, i) => (((i * 53) % 89) - 41) / 900);
const LEVEL = [1];
for (const change of OWN) LEVEL.push((LEVEL.at(-1) ?? 1) * (1 + change));

// empyrical-reloaded 0.7.1, quantstats 0.0.86 and scipy 1.17.1 on OWN against OTHER, 365 days a year; the last two
// by the formulas of Bailey and López de Prado with scipy's moments and normal.
const OUTSIDE: Record<string, number> = {
  total_return: 0.13363688543137542,
  cagr: 1.1447827431339563,
  annual_volatility: 0.5615856624012844,
  sharpe: 1.6356958427420716,
  sortino: 2.5199481879223966,
  calmar: 17.110001452842354,
  omega: 1.2210834553440706,
  max_drawdown: -0.06690722653000022,
  tail_ratio: 1.1187648456057007,
  stability: 0.8467362061795707,
  downside_risk: 0.36452469052178066,
  alpha: 1.4374113229215548,
  beta: 0.01836079632565989,
  information_ratio_quantstats: -0.03524882145898042,
  var_95_historical: -0.0421,
  cvar_95_historical: -0.04533333333333334,
  var_99_historical: -0.04582,
  cvar_99_historical: -0.047,
  skew_population: 0.003332024298473527,
  excess_kurtosis_population: -1.199202285064274,
  skew_sample: 0.003418076648009372,
  excess_kurtosis_sample: -1.198405633377593,
  best_day: 0.053,
  worst_day: -0.047,
  win_rate_days: 0.5254237288135594,
  profit_factor_days: 1.2210834553440701,
  ulcer_index_quantstats: 0.03565301634293414,
  gain_to_pain_quantstats: 0.22108345534407026,
  kelly_quantstats: 0.09513067512092024,
  probabilistic_sharpe_vs_0: 0.7444874607475178,
  'deflated_sharpe_100_trials_variance_0.0004': 0.6059248737331488,
};

test('every metric equals the outside value on a made-up series', () => {
  expectEqual(
    values(
      OWN,
      OTHER,
      LEVEL,
      LEVEL.map((_, i) => i),
    ),
    OUTSIDE,
  );
});
