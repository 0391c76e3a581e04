import type { Bar } from '../bars/index.ts';
import { type CandleColumns, columnBar, firstRowFrom } from '../candles/index.ts';

/** Candles that cannot be replayed together. */
export class CandleSetError extends Error {
  readonly code = 'CANDLE_SET';
  override readonly name = 'CandleSetError';
}

/**
 * Walks the candles of several symbols set by set: a set is all bars of one open time, symbols in the order given.
 * A symbol without a bar at that time has null. `from` and `to` (epoch ms, `to` exclusive) bound the walk.
 */
export class BarSets {
  readonly bars: (Bar | null)[];
  /** Bars of the current set, nulls left out, in configured order. */
  present: Bar[] = [];
  openTime = Number.NaN;
  readonly #columns: readonly CandleColumns[];
  readonly #rows: Int32Array;
  readonly #to: number;

  constructor(columns: readonly CandleColumns[], from: number, to: number) {
    const interval = columns[0]?.intervalMs;
    if (interval === undefined)
      throw new CandleSetError('a backtest needs the candles of at least one symbol');
    const odd = columns.find((c) => c.intervalMs !== interval);
    if (odd !== undefined) {
      throw new CandleSetError(
        `candles of ${odd.symbol} have bars of ${odd.intervalMs} ms, the others of ${interval} ms`,
      );
    }
    this.#columns = columns;
    this.#rows = Int32Array.from(columns, (c) => firstRowFrom(c, from));
    this.#to = to;
    this.bars = columns.map(() => null);
  }

  /** Steps to the next set; false at the end. */
  next(): boolean {
    let openTime = Number.POSITIVE_INFINITY;
    for (let i = 0; i < this.#columns.length; i += 1) {
      const times = (this.#columns[i] as CandleColumns).openTime;
      const row = this.#rows[i] as number;
      if (row < times.length && (times[row] as number) < openTime) openTime = times[row] as number;
    }
    if (openTime >= this.#to) return false;
    this.openTime = openTime;
    this.present = [];
    for (let i = 0; i < this.#columns.length; i += 1) this.#take(i, openTime);
    return true;
  }

  #take(i: number, openTime: number): void {
    const columns = this.#columns[i] as CandleColumns;
    const row = this.#rows[i] as number;
    if (row >= columns.length || columns.openTime[row] !== openTime) {
      this.bars[i] = null;
      return;
    }
    const bar = barAt(columns, row);
    this.bars[i] = bar;
    this.present.push(bar);
    this.#rows[i] = row + 1;
  }

  /** The last `count` bars of a symbol before the first set: what a strategy warms up on; fewer where data begins. */
  static history(columns: CandleColumns, before: number, count: number): Bar[] {
    const end = firstRowFrom(columns, before);
    const bars: Bar[] = [];
    for (let row = Math.max(0, end - count); row < end; row += 1) bars.push(columnBar(columns, row));
    return bars;
  }
}

/** As `columnBar`, without its checks: the row is known to exist. */
function barAt(c: CandleColumns, row: number): Bar {
  return {
    symbol: c.symbol,
    openTime: c.openTime[row] as number,
    open: c.open[row] as number,
    high: c.high[row] as number,
    low: c.low[row] as number,
    close: c.close[row] as number,
    volume: c.volume[row] as number,
  };
}
