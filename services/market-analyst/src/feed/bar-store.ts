import type { Queryable } from '@fleet/shared/postgres';
import type { ExactBar } from '../bar-set/decide.ts';
import type { BarHistory } from './bar-history.ts';

interface BarRow {
  readonly open_time: string;
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly close: string;
  readonly volume: string;
}

interface LastBars {
  readonly run: string;
  readonly symbol: string;
  readonly limit: number;
  /** Only bars that opened before it. */
  readonly before?: number;
}

/** The last published bars of a symbol, ascending. */
export async function lastBars(db: Pick<Queryable, 'query'>, asked: LastBars): Promise<readonly ExactBar[]> {
  const { run, symbol, limit, before = Number.MAX_SAFE_INTEGER } = asked;
  const { rows } = await db.query<BarRow>(
    `SELECT open_time, open, high, low, close, volume FROM analysis.bars
     WHERE run = $1 AND symbol = $2 AND open_time < $3 ORDER BY open_time DESC LIMIT $4`,
    [run, symbol, before, limit],
  );
  return rows.reverse().map(({ open_time, open, high, low, close, volume }) => ({
    ...{ symbol, openTime: Number(open_time) },
    ...{ open, high, low, close, volume },
  }));
}

/** Where no venue can be asked, a new version warms up on what was taken in before. */
export function storedHistory(db: Pick<Queryable, 'query'>, run: string): BarHistory {
  return {
    before: (symbol, openTime, count) => lastBars(db, { run, symbol, limit: count, before: openTime }),
  };
}
