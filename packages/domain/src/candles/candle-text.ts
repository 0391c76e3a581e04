import type { BarText } from '../bars/bar.ts';
import { alignedInterval } from './alignment.ts';
import { CandleFormatError } from './candle-format-error.ts';
import { CANDLE_HEADER, detectLayout, lineLayout } from './candle-layout.ts';
import { CandleScanner } from './candle-scanner.ts';

export interface CandleTextOptions {
  /** Length of a bar in ms; without it the smallest step between two candles is taken. */
  readonly intervalMs?: number;
}

/**
 * Reads a candle file: the fleet's own (`open_time,open,high,low,close,volume`, times in ms) or a kline dump of
 * the exchange (12 columns, times in ms or µs, with or without header). Decimals are kept as written.
 * Throws CandleFormatError with the line number: empty, wrong header or columns, a number that is no plain
 * decimal, an impossible candle, not ascending, misaligned, no known interval.
 */
export function parseCandleText(text: string, options: CandleTextOptions = {}): BarText[] {
  const layout = detectLayout(text);
  const scanner = new CandleScanner(text, layout);
  const bars: BarText[] = [];
  while (scanner.next()) bars.push(currentBar(scanner));
  const firstLine = layout.bodyAt === 0 ? 1 : 2;
  if (bars.length === 0) throw new CandleFormatError('empty', firstLine, 'no candle follows the header.');
  if (bars.length > 1 || options.intervalMs !== undefined) {
    const openTimes = bars.map((bar) => bar.openTime);
    alignedInterval(openTimes, options.intervalMs, (row) => row + firstLine);
  }
  return bars;
}

/** Reads one line of either layout, without header; throws CandleFormatError with line 1. */
export function parseCandleLine(line: string): BarText {
  const scanner = new CandleScanner(line, lineLayout(line));
  if (!scanner.next()) throw new CandleFormatError('empty', 1, 'the line is empty.');
  const bar = currentBar(scanner);
  if (scanner.next()) throw new CandleFormatError('columns', 2, 'expected a single line.');
  return bar;
}

function currentBar(scanner: CandleScanner): BarText {
  return {
    openTime: scanner.values[0] ?? 0,
    open: scanner.text(1),
    high: scanner.text(2),
    low: scanner.text(3),
    close: scanner.text(4),
    volume: scanner.text(5),
  };
}

/** One line of the fleet's layout, without line feed. */
export function formatCandleLine(bar: BarText): string {
  return `${bar.openTime},${bar.open},${bar.high},${bar.low},${bar.close},${bar.volume}`;
}

/** A whole file in the fleet's layout. */
export function formatCandleText(bars: readonly BarText[]): string {
  return `${[CANDLE_HEADER, ...bars.map(formatCandleLine)].join('\n')}\n`;
}
