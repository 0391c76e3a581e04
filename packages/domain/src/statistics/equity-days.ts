/** A trading day of the account; equity in quote units. */
export interface EquityDay {
  /** Label in the trading day's time zone, YYYY-MM-DD. */
  readonly day: string;
  /** First instant of the day, epoch ms UTC; bars that open from here to the next day's belong to it. */
  readonly openTime: number;
  /** Last mark of the day before; above 0. */
  readonly openEquity: number;
  /** Last mark of this day. */
  readonly closeEquity: number;
  /** Deposits less withdrawals within the day; they are no profit. */
  readonly netDeposits: number;
}

/** Marked equity after each bar; `times` are the bars' open times, ascending. */
export interface EquityCurve {
  readonly times: Float64Array;
  readonly equity: Float64Array;
  /** Value held / equity at the close of each bar, in [0, 1]. */
  readonly exposure?: Float64Array;
}

/** Profit of the day / equity at its open: (close − open − net deposits) / open. */
export function dayReturn(day: EquityDay): number {
  return (day.closeEquity - day.openEquity - day.netDeposits) / day.openEquity;
}

/** Return of the day so far when its equity stands at `equity`. */
export function returnAt(day: EquityDay, equity: number): number {
  return (equity - day.openEquity - day.netDeposits) / day.openEquity;
}

/** Rows [start, end) of the curve for each day, in their order. O(bars). */
export function dayRows(days: readonly EquityDay[], curve: EquityCurve): { start: number; end: number }[] {
  let row = 0;
  return days.map((_, index) => {
    const start = row;
    const until = days[index + 1]?.openTime ?? Number.POSITIVE_INFINITY;
    while (row < curve.times.length && (curve.times[row] ?? 0) < until) row += 1;
    return { start, end: row };
  });
}

/**
 * The curve as growth of 1 from before the first bar, deposits taken out: what drawdowns are measured on. The first
 * value is 1 at the opening of the first day.
 */
export function growthCurve(
  days: readonly EquityDay[],
  curve: EquityCurve,
): { times: Float64Array; level: Float64Array } {
  const count = curve.times.length;
  const times = new Float64Array(count + 1);
  const level = new Float64Array(count + 1);
  times[0] = days[0]?.openTime ?? 0;
  level[0] = 1;
  let base = 1;
  for (const [index, { start, end }] of dayRows(days, curve).entries()) {
    const day = days[index];
    if (day === undefined) break;
    for (let row = start; row < end; row += 1) {
      times[row + 1] = curve.times[row] ?? 0;
      level[row + 1] = base * (1 + returnAt(day, curve.equity[row] ?? 0));
    }
    base *= 1 + dayReturn(day);
  }
  return { times, level };
}
