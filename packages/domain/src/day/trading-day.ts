/** Where a trading day begins: `timeZone` is an IANA name, `start` the local time `HH:MM`. */
export interface TradingDayRules {
  readonly timeZone: string;
  readonly start: string;
}

/** Days as `YYYY-MM-DD`, named by the local date on which they begin. */
export interface TradingDays {
  /** Day to which a time (epoch ms) belongs. */
  dayOf(time: number): string;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

function startOffsetMs(start: string): number {
  const match = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(start);
  if (match === null) throw new RangeError(`trading day start "${start}" is not HH:MM`);
  return Number(match[1]) * HOUR_MS + Number(match[2]) * 60_000;
}

/**
 * Trading days of a time zone. The day of a bar is that of its open time, so the bar of 23:59 belongs to its day.
 * Asked in rising order it remembers until when its answer holds: one comparison a bar.
 * @throws RangeError for an unknown time zone or a start that is not HH:MM.
 */
export function tradingDays(rules: TradingDayRules): TradingDays {
  const offset = startOffsetMs(rules.start);
  const localDate = new Intl.DateTimeFormat('en-CA', {
    timeZone: rules.timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
  const utc = rules.timeZone === 'UTC';
  let from = Number.NaN;
  let until = Number.NaN;
  let day = '';
  return {
    dayOf(time: number): string {
      if (time >= from && time < until) return day;
      const local = time - offset;
      day = utc ? new Date(local).toISOString().slice(0, 10) : localDate.format(local);
      // Other zones change their offset at most on the hour's quarters: asking again each quarter is exact.
      from = utc ? Math.floor(local / DAY_MS) * DAY_MS + offset : Math.floor(time / 900_000) * 900_000;
      until = from + (utc ? DAY_MS : 900_000);
      return day;
    },
  };
}
