import { BinanceError } from './binance-error.ts';

const MINUTE_MS = 60_000;

/** Request weight of the current wall-clock minute, as the `X-MBX-USED-WEIGHT` headers show it. */
export class RequestWeight {
  readonly limit: number;
  private minute = 0;
  private used = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Adds to the minute's weight and returns it; throws -1003 above the limit. */
  add(weight: number, wallTime: number): number {
    const minute = Math.floor(wallTime / MINUTE_MS);
    if (minute !== this.minute) this.used = 0;
    this.minute = minute;
    this.used += weight;
    if (this.used > this.limit) throw new BinanceError('TOO_MANY_REQUESTS', String(this.limit));
    return this.used;
  }

  /** Seconds until the next minute begins. */
  retryAfterSeconds(wallTime: number): number {
    return Math.ceil((MINUTE_MS - (wallTime % MINUTE_MS)) / 1000);
  }
}
