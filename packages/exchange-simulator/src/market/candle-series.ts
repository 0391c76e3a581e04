import type { BarText } from '@fleet/domain/bars';
import { type CandleColumns, firstRowFrom, parseCandleLine } from '@fleet/domain/candles';
import type { BarSeries } from './bar-series.ts';

/**
 * Candles of a file that was checked when it was read: the open times as numbers, the prices as the text of the
 * file, so that a year of minutes costs its text and twelve bytes a candle.
 */
export function candleSeries(text: string, columns: CandleColumns): BarSeries {
  return new CandleSeries(text, columns);
}

class CandleSeries implements BarSeries {
  readonly symbol: string;
  private readonly text: string;
  private readonly columns: CandleColumns;
  /** Where each candle's line begins; one more for the end. */
  private readonly lineStarts: Uint32Array;

  constructor(text: string, columns: CandleColumns) {
    this.symbol = columns.symbol;
    this.text = text;
    this.columns = columns;
    this.lineStarts = lineStartsOf(text, columns.length);
  }

  at(openTime: number): BarText | null {
    const row = firstRowFrom(this.columns, openTime);
    return this.columns.openTime[row] === openTime ? this.bar(row) : null;
  }

  firstFrom(time: number): number | null {
    return this.columns.openTime[firstRowFrom(this.columns, time)] ?? null;
  }

  range(from: number, to: number, limit: number, newest: boolean): BarText[] {
    const first = firstRowFrom(this.columns, from);
    const end = Math.max(first, firstRowFrom(this.columns, to));
    const start = newest ? Math.max(first, end - limit) : first;
    const stop = Math.min(end, start + limit);
    return Array.from({ length: stop - start }, (_, at) => this.bar(start + at));
  }

  private bar(row: number): BarText {
    const line = this.text.slice(this.lineStarts[row], this.lineStarts[row + 1]);
    return parseCandleLine(line.trimEnd());
  }
}

/** Starts of the last `rows` lines of the text, and its end; a header or none stands before them. */
function lineStartsOf(text: string, rows: number): Uint32Array {
  const starts = new Uint32Array(rows + 1);
  const body = text.endsWith('\n') ? text.length : text.length + 1;
  starts[rows] = body;
  let end = body - 1;
  for (let row = rows - 1; row >= 0; row -= 1) {
    const before = text.lastIndexOf('\n', end - 1);
    starts[row] = before + 1;
    end = before;
  }
  return starts;
}
