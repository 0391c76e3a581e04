/** What a candle file can have wrong; each fault has a row in the parser's test. */
export type CandleFault =
  | 'empty'
  | 'header'
  | 'columns'
  | 'number'
  | 'precision'
  | 'range'
  | 'not-ascending'
  | 'misaligned'
  | 'interval';

const ACTIONS: Record<CandleFault, string> = {
  empty: 'Give a file with at least one candle after the header.',
  header: 'Begin the file with open_time,open,high,low,close,volume, or give the 12 columns of a kline dump.',
  columns: 'Give every line the same columns as the first: 6 with the fleet header, 12 in a kline dump.',
  number: 'Write numbers as plain decimals: no sign, no exponent, no thousands separator, no NaN.',
  precision: 'Give prices with at most 15 significant digits; a number cannot hold more without loss.',
  range:
    'Check the source of the line: prices are above 0, high is the highest and low the lowest of the four.',
  'not-ascending': 'Sort the file by open time and drop repeated candles.',
  misaligned: 'Give candles that start at a multiple of their interval in UTC, and one interval a file.',
  interval: 'Give candles of one interval of 1m to 1d, or name the interval of the file.',
};

export class CandleFormatError extends Error {
  override readonly name = 'CandleFormatError';
  readonly code = 'CANDLE_FORMAT_INVALID';
  readonly retry = 'crash';
  readonly action: string;
  readonly fault: CandleFault;
  /** Line in the text, the first being 1. */
  readonly line: number;

  constructor(fault: CandleFault, line: number, message: string) {
    super(`Line ${line}: ${message}`);
    this.fault = fault;
    this.line = line;
    this.action = ACTIONS[fault];
  }
}
