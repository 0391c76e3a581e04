import type { ExactBar } from '../bar-set/decide.ts';
import { type BarVenue, KLINES_MAX } from '../venue/port.ts';
import { impossibility } from './check-bar.ts';

/** Where a new strategy version gets the bars that it warms up on. */
export interface BarHistory {
  /** The last `count` bars that opened before `openTime`, ascending; fewer where the data begin. */
  before(symbol: string, openTime: number, count: number): Promise<readonly ExactBar[]>;
}

/** Past bars of the venue, in as many requests as they need. */
export function venueHistory(venue: BarVenue, intervalMs: number): BarHistory {
  return {
    async before(symbol, openTime, count) {
      const pages: (readonly ExactBar[])[] = [];
      let missing = count;
      let to = openTime - intervalMs;
      while (missing > 0 && to >= 0) {
        const limit = Math.min(missing, KLINES_MAX);
        const page = await venue.klines({ symbol, to, limit });
        pages.unshift(page);
        missing -= page.length;
        const first = page[0];
        if (first === undefined || page.length < limit) break;
        to = first.openTime - intervalMs;
      }
      return pages.flat().filter((bar) => impossibility(bar, intervalMs) === null);
    },
  };
}

/** All bars of a symbol from `from` on, to `to` or to the last one closed. */
export async function barsFrom(
  venue: BarVenue,
  { symbol, from, to, intervalMs }: { symbol: string; from: number; to?: number; intervalMs: number },
): Promise<readonly ExactBar[]> {
  const bars: ExactBar[] = [];
  let next = from;
  for (;;) {
    const page = await venue.klines({
      symbol,
      from: next,
      ...(to === undefined ? {} : { to }),
      limit: KLINES_MAX,
    });
    bars.push(...page);
    const last = page.at(-1);
    if (last === undefined || page.length < KLINES_MAX) return bars;
    next = last.openTime + intervalMs;
  }
}
