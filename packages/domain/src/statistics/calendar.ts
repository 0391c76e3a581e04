import { dayReturn, type EquityDay } from './equity-days.ts';
import { totalReturn, winRate } from './returns.ts';
import { mean, sum } from './series.ts';

export const WEEKDAYS = [
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
  'sunday',
] as const;

export interface PeriodResult {
  /** 'YYYY-MM' or the name of a weekday. */
  readonly key: string;
  readonly days: number;
  /** Profit in quote units, deposits taken out. */
  readonly pnl: number;
  /** Compounded over the days of a month; mean of the days of a weekday. A share. */
  readonly return: number;
  /** Winning days / days that were not flat. */
  readonly winRate: number | null;
}

/** Results by month, in the order of time. */
export function byMonth(days: readonly EquityDay[]): PeriodResult[] {
  const months = Map.groupBy(days, (day) => day.day.slice(0, 7));
  return [...months.entries()].map(([key, members]) => result(key, members, totalReturn));
}

/** Results by weekday of the day's label, Monday first; weekdays without a day are left out. */
export function byWeekday(days: readonly EquityDay[]): PeriodResult[] {
  const weekdays = Map.groupBy(days, weekday);
  return WEEKDAYS.flatMap((key) => {
    const members = weekdays.get(key);
    return members === undefined ? [] : [result(key, members, (returns) => mean(returns) ?? 0)];
  });
}

function weekday(day: EquityDay): string {
  const sundayFirst = new Date(`${day.day}T00:00:00Z`).getUTCDay();
  return WEEKDAYS[(sundayFirst + 6) % 7] ?? day.day;
}

function result(
  key: string,
  days: readonly EquityDay[],
  combine: (returns: number[]) => number,
): PeriodResult {
  const returns = days.map(dayReturn);
  const pnl = sum(days.map((day) => day.closeEquity - day.openEquity - day.netDeposits));
  return { key, days: days.length, pnl, return: combine(returns), winRate: winRate(returns) };
}
