import { dayReturn, dayRows, type EquityCurve, type EquityDay, returnAt } from './equity-days.ts';
import { cagr, DAYS_PER_YEAR } from './returns.ts';
import { mean, percentile, sampleDeviation } from './series.ts';

/** A share of days with its 95 % confidence interval, all in [0, 1]. */
export interface Proportion {
  readonly count: number;
  readonly share: number;
  readonly low: number;
  readonly high: number;
}

export interface TargetFeasibility {
  readonly targetPct: number;
  readonly capPct: number;
  readonly days: number;
  /** Days on which a bar's mark reached +target before any reached −cap; the reverse; neither. */
  readonly targetFirst: Proportion;
  readonly capFirst: Proportion;
  readonly neither: Proportion;
  /** Days on which the loss reached the cap at all. */
  readonly capDays: number;
  /** Results of the days in percent. */
  readonly dayResultPct: Distribution;
  /** Growth of a year of such days, as a share; null under 30 days. */
  readonly annualGrowth: number | null;
  /** Growth of a year in which every single day made the target: why it is a lock and no forecast. */
  readonly annualGrowthIfEveryDay: number;
}

export interface Distribution {
  readonly mean: number | null;
  readonly deviation: number | null;
  /** Percentiles 0, 1, 5, 25, 50, 75, 95, 99 and 100, by their number. */
  readonly percentiles: Readonly<Record<string, number | null>>;
}

/** Two-sided 95 % point of the standard normal. */
const Z_95 = 1.959963984540054;
const PERCENTILES = [0, 1, 5, 25, 50, 75, 95, 99, 100];

/** Wilson's score interval for `count` of `total`; the whole of [0, 1] for a total of 0. Source: Wilson 1927. */
export function wilsonInterval(count: number, total: number): Proportion {
  if (total === 0) return { count, share: 0, low: 0, high: 1 };
  const share = count / total;
  const square = Z_95 ** 2 / total;
  const centre = (share + square / 2) / (1 + square);
  const half = Math.sqrt(square * (share * (1 - share) + square / 4)) / (1 + square);
  return { count, share, low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

/**
 * How often a day reached +`targetPct` before −`capPct`, by its marks after each bar, and what the days came to.
 * Percentages are of the day's opening equity, deposits taken out.
 */
export function targetFeasibility(
  days: readonly EquityDay[],
  curve: EquityCurve,
  targetPct: number,
  capPct: number,
): TargetFeasibility {
  let targetFirst = 0;
  let capFirst = 0;
  let capDays = 0;
  for (const [index, { start, end }] of dayRows(days, curve).entries()) {
    const day = days[index];
    if (day === undefined) break;
    const marks = curve.equity.subarray(start, end);
    const target = firstRow(marks, (equity) => returnAt(day, equity) * 100 >= targetPct);
    const cap = firstRow(marks, (equity) => returnAt(day, equity) * 100 <= -capPct);
    if (cap < marks.length) capDays += 1;
    if (target < cap) targetFirst += 1;
    else if (cap < marks.length) capFirst += 1;
  }
  const returns = days.map(dayReturn);
  return {
    targetPct,
    capPct,
    days: days.length,
    targetFirst: wilsonInterval(targetFirst, days.length),
    capFirst: wilsonInterval(capFirst, days.length),
    neither: wilsonInterval(days.length - targetFirst - capFirst, days.length),
    capDays,
    dayResultPct: distribution(returns.map((value) => value * 100)),
    annualGrowth: cagr(returns),
    annualGrowthIfEveryDay: (1 + targetPct / 100) ** DAYS_PER_YEAR - 1,
  };
}

/** The first row that fulfils the rule; the length when none does. */
function firstRow(marks: Float64Array, rule: (equity: number) => boolean): number {
  const found = marks.findIndex(rule);
  return found < 0 ? marks.length : found;
}

function distribution(values: readonly number[]): Distribution {
  const entries = PERCENTILES.map((point) => [String(point), percentile(values, point / 100)] as const);
  return { mean: mean(values), deviation: sampleDeviation(values), percentiles: Object.fromEntries(entries) };
}
