import type { Bar, BarText } from '../bars/bar.ts';
import { alignedInterval } from './alignment.ts';
import { CandleFormatError } from './candle-format-error.ts';
import { detectLayout } from './candle-layout.ts';
import { CandleScanner } from './candle-scanner.ts';
import { plainDecimal } from './plain-decimal.ts';

/**
 * Candles of one symbol as columns of doubles: 48 bytes a bar, and no object for any of them. Prices have at most
 * 15 significant digits, so their exact decimals are `columnText(...)`; volumes may have more and are then rounded.
 */
export interface CandleColumns {
  readonly symbol: string;
  readonly intervalMs: number;
  readonly length: number;
  /** Epoch ms UTC, ascending, multiples of the interval; missing bars are absent. */
  readonly openTime: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
}

export interface ColumnOptions {
  readonly symbol: string;
  /** Length of a bar in ms; without it the smallest step between two candles is taken. */
  readonly intervalMs?: number;
}

/** Reads a candle file of either layout straight into columns; O(n), the same errors as `parseCandleText`. */
export function parseCandleColumns(text: string, options: ColumnOptions): CandleColumns {
  const layout = detectLayout(text);
  const scanner = new CandleScanner(text, layout);
  const columns = Array.from({ length: 6 }, () => new Float64Array(countLines(text, layout.bodyAt)));
  let rows = 0;
  while (scanner.next()) {
    if (scanner.imprecise) {
      throw new CandleFormatError('precision', scanner.line, 'a price has more than 15 significant digits.');
    }
    for (let column = 0; column < 6; column += 1) {
      const target = columns[column];
      if (target !== undefined) target[rows] = scanner.values[column] ?? 0;
    }
    rows += 1;
  }
  const firstLine = layout.bodyAt === 0 ? 1 : 2;
  if (rows === 0) throw new CandleFormatError('empty', firstLine, 'no candle follows the header.');
  const [openTime, open, high, low, close, volume] = columns.map((column) => column.subarray(0, rows));
  const times = openTime ?? new Float64Array(0);
  const intervalMs = alignedInterval(times, options.intervalMs, (row) => row + firstLine);
  const none = new Float64Array(0);
  return {
    symbol: options.symbol,
    intervalMs,
    length: rows,
    openTime: times,
    open: open ?? none,
    high: high ?? none,
    low: low ?? none,
    close: close ?? none,
    volume: volume ?? none,
  };
}

/** An upper bound of the candles in the text. */
function countLines(text: string, from: number): number {
  let lines = 1;
  for (let at = text.indexOf('\n', from); at >= 0; at = text.indexOf('\n', at + 1)) lines += 1;
  return lines;
}

/** Columns of exact bars that are ascending already (a parser's or a generator's). */
export function toColumns(symbol: string, intervalMs: number, bars: readonly BarText[]): CandleColumns {
  return {
    symbol,
    intervalMs,
    length: bars.length,
    openTime: Float64Array.from(bars, (bar) => bar.openTime),
    open: Float64Array.from(bars, (bar) => Number(bar.open)),
    high: Float64Array.from(bars, (bar) => Number(bar.high)),
    low: Float64Array.from(bars, (bar) => Number(bar.low)),
    close: Float64Array.from(bars, (bar) => Number(bar.close)),
    volume: Float64Array.from(bars, (bar) => Number(bar.volume)),
  };
}

/** The bar of a row as numbers; a row outside the columns throws RangeError. */
export function columnBar(columns: CandleColumns, row: number): Bar {
  checkRow(columns, row);
  return {
    symbol: columns.symbol,
    openTime: columns.openTime[row] ?? 0,
    open: columns.open[row] ?? 0,
    high: columns.high[row] ?? 0,
    low: columns.low[row] ?? 0,
    close: columns.close[row] ?? 0,
    volume: columns.volume[row] ?? 0,
  };
}

/** The bar of a row as exact decimals, without trailing zeros; a row outside the columns throws RangeError. */
export function columnText(columns: CandleColumns, row: number): BarText {
  const bar = columnBar(columns, row);
  return {
    openTime: bar.openTime,
    open: plainDecimal(bar.open),
    high: plainDecimal(bar.high),
    low: plainDecimal(bar.low),
    close: plainDecimal(bar.close),
    volume: plainDecimal(bar.volume),
  };
}

function checkRow(columns: CandleColumns, row: number): void {
  if (!Number.isInteger(row) || row < 0 || row >= columns.length) {
    throw new RangeError(`Row ${row} is not one of the ${columns.length} candles of ${columns.symbol}.`);
  }
}

/** The first row that opens at or after `time` (epoch ms); `length` when there is none. O(log n). */
export function firstRowFrom(columns: CandleColumns, time: number): number {
  let low = 0;
  let high = columns.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((columns.openTime[middle] ?? 0) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The candles that open in [from, to) (epoch ms), as a view on the same memory. */
export function sliceColumns(columns: CandleColumns, from: number, to: number): CandleColumns {
  const start = firstRowFrom(columns, from);
  const end = Math.max(start, firstRowFrom(columns, to));
  return {
    symbol: columns.symbol,
    intervalMs: columns.intervalMs,
    length: end - start,
    openTime: columns.openTime.subarray(start, end),
    open: columns.open.subarray(start, end),
    high: columns.high.subarray(start, end),
    low: columns.low.subarray(start, end),
    close: columns.close.subarray(start, end),
    volume: columns.volume.subarray(start, end),
  };
}
