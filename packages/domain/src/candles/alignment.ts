import { INTERVALS, intervalName } from '../bars/interval.ts';
import { CandleFormatError } from './candle-format-error.ts';

/**
 * The interval of a file in ms: the one that is expected, else the smallest step between its candles. Throws
 * when that is no known interval or when a candle does not start at a multiple of it. `line` tells the line of a row.
 */
export function alignedInterval(
  openTimes: ArrayLike<number>,
  expectedMs: number | undefined,
  line: (row: number) => number,
): number {
  const lengthMs = expectedMs ?? smallestStep(openTimes, line);
  for (let row = 0; row < openTimes.length; row += 1) {
    const time = openTimes[row] ?? 0;
    if (time % lengthMs !== 0) {
      const name = intervalName(lengthMs) ?? `${lengthMs} ms`;
      throw new CandleFormatError('misaligned', line(row), `open_time ${time} is no multiple of ${name}.`);
    }
  }
  return lengthMs;
}

function smallestStep(openTimes: ArrayLike<number>, line: (row: number) => number): number {
  let smallest = Number.POSITIVE_INFINITY;
  let found = 0;
  for (let row = 1; row < openTimes.length; row += 1) {
    const step = (openTimes[row] ?? 0) - (openTimes[row - 1] ?? 0);
    if (step < smallest) {
      smallest = step;
      found = row;
    }
  }
  if (intervalName(smallest) !== null) return smallest;
  const known = Object.keys(INTERVALS).join(', ');
  const message =
    openTimes.length < 2
      ? `one candle does not tell the interval of the file (${known}).`
      : `${smallest} ms after the line before, which is no interval (${known}).`;
  throw new CandleFormatError('interval', line(found), message);
}
