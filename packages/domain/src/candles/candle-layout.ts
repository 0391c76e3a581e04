import { CandleFormatError } from './candle-format-error.ts';

/** First line of a candle file of the fleet. */
export const CANDLE_HEADER = 'open_time,open,high,low,close,volume';

/** Columns of the exchange's own kline dumps: the six above, then close time, quote volume, counts and an unused one. */
const DUMP_COLUMNS = 12;
const COLUMNS = 6;

export interface CandleLayout {
  readonly columns: number;
  /** Where the first candle starts in the text. */
  readonly bodyAt: number;
}

/** Tells the two layouts apart by their first line; a dump may come with or without a header. */
export function detectLayout(text: string): CandleLayout {
  const end = text.indexOf('\n');
  const line = (end < 0 ? text : text.slice(0, end)).replace(/\r$/, '');
  const bodyAt = end < 0 ? text.length : end + 1;
  if (text.trim() === '') throw new CandleFormatError('empty', 1, 'the file is empty.');
  if (line === CANDLE_HEADER) return { columns: COLUMNS, bodyAt };
  if (line.split(',').length === DUMP_COLUMNS) {
    if (line.startsWith(`${CANDLE_HEADER},`)) return { columns: DUMP_COLUMNS, bodyAt };
    if (/^\d/.test(line)) return { columns: DUMP_COLUMNS, bodyAt: 0 };
  }
  const shown = line.length > 60 ? `${line.slice(0, 60)}…` : line;
  throw new CandleFormatError('header', 1, `the header must be "${CANDLE_HEADER}", not "${shown}".`);
}

/** The layout of one line without a header, by its number of columns. */
export function lineLayout(line: string): CandleLayout {
  return { columns: line.split(',').length === DUMP_COLUMNS ? DUMP_COLUMNS : COLUMNS, bodyAt: 0 };
}
