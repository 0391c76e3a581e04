const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Bar lengths in ms. Weeks and months are left out: they do not start at multiples of their length. */
export const INTERVALS = {
  '1m': MINUTE_MS,
  '3m': 3 * MINUTE_MS,
  '5m': 5 * MINUTE_MS,
  '15m': 15 * MINUTE_MS,
  '30m': 30 * MINUTE_MS,
  '1h': HOUR_MS,
  '2h': 2 * HOUR_MS,
  '4h': 4 * HOUR_MS,
  '6h': 6 * HOUR_MS,
  '8h': 8 * HOUR_MS,
  '12h': 12 * HOUR_MS,
  '1d': 24 * HOUR_MS,
} as const satisfies Record<string, number>;

export type Interval = keyof typeof INTERVALS;

export class IntervalUnknownError extends Error {
  override readonly name = 'IntervalUnknownError';
  readonly code = 'INTERVAL_UNKNOWN';
  readonly retry = 'crash';
  readonly action = `Use one of ${Object.keys(INTERVALS).join(', ')}.`;
  readonly interval: string;

  constructor(interval: string) {
    super(`The bar interval "${interval}" is not known; known are ${Object.keys(INTERVALS).join(', ')}.`);
    this.interval = interval;
  }
}

export function isInterval(interval: string): interval is Interval {
  return Object.hasOwn(INTERVALS, interval);
}

/** Length of an interval in ms; throws IntervalUnknownError for anything but the names of INTERVALS. */
export function intervalMs(interval: string): number {
  if (!isInterval(interval)) throw new IntervalUnknownError(interval);
  return INTERVALS[interval];
}

/** The name of a length in ms, or null when no interval has it. */
export function intervalName(lengthMs: number): Interval | null {
  const found = Object.entries(INTERVALS).find(([, ms]) => ms === lengthMs);
  return found && isInterval(found[0]) ? found[0] : null;
}
