import { expect, test } from 'vitest';
import { CandleFormatError } from './candle-format-error.ts';
import { formatCandleLine, formatCandleText, parseCandleLine, parseCandleText } from './candle-text.ts';
import { columnText, parseCandleColumns } from './columns.ts';

const HEADER = 'open_time,open,high,low,close,volume';
const A = '1640995200000,46216.93,46271.08,46208.37,46250,40.57574';
const B = '1640995260000,46250,46344.23,46234.39,46312.76,0';
const C = '1640995320000,46312.76,46381.69,46292.75,46368.73,51.29955';
const DUMP =
  '1640995200000,46216.93000000,46271.08000000,46208.37000000,46250.00000000,40.57574000,1640995259999,1.5,687,1.0,2.0,0';
const DUMP_MICROSECONDS =
  '1735689600000000,93576.00,93610.93,93537.50,93610.93,8.21827,1735689659999999,1.5,2631,1.0,2.0,0';
const file = (...lines: string[]) => `${lines.join('\n')}\n`;

test('reads a file of the fleet and writes it again, letter for letter', () => {
  const text = file(HEADER, A, B, C);
  const bars = parseCandleText(text);
  expect(bars[0]).toEqual({
    openTime: 1640995200000,
    open: '46216.93',
    high: '46271.08',
    low: '46208.37',
    close: '46250',
    volume: '40.57574',
  });
  expect(formatCandleText(bars)).toBe(text);
  expect(formatCandleLine(parseCandleLine(B))).toBe(B);
});

test('accepts a last line without line feed, and carriage returns', () => {
  expect(parseCandleText(`${HEADER}\r\n${A}\r\n${B}`)).toEqual(parseCandleText(file(HEADER, A, B)));
});

test('reads kline dumps: with and without header, in ms and µs, decimals kept as written', () => {
  const header = `${HEADER},close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore`;
  const second = DUMP.replace('1640995200000', '1640995260000');
  const bars = parseCandleText(file(DUMP, second));
  expect(bars[0]).toMatchObject({ openTime: 1640995200000, open: '46216.93000000', volume: '40.57574000' });
  expect(parseCandleText(file(header, DUMP, second))).toEqual(bars);
  expect(parseCandleLine(DUMP_MICROSECONDS).openTime).toBe(1735689600000);
  const columns = parseCandleColumns(file(DUMP, second), { symbol: 'BTCUSDT' });
  expect(columnText(columns, 0)).toEqual(parseCandleLine(A));
});

const TWELVE = DUMP.split(',');
const FAULTS: [string, string, string, number, RegExp][] = [
  ['no text', '', 'empty', 1, /file is empty/],
  ['blank text', '\n\n', 'empty', 1, /file is empty/],
  ['a header alone', file(HEADER), 'empty', 2, /no candle/],
  ['another header', file('time,open,high,low,close', A), 'header', 1, /must be "open_time/],
  ['no header', file(A, B), 'header', 1, /must be "open_time/],
  ['JSON', '[[1640995200000,"1"]]', 'header', 1, /must be/],
  ['too few columns', file(HEADER, A, '1640995260000,1,1,1,1'), 'columns', 3, /expected 6 columns/],
  ['too many columns', file(HEADER, A, `${B},1`), 'columns', 3, /expected 6 columns/],
  [
    'a short dump line',
    file(DUMP, TWELVE.slice(0, 11).join(',')),
    'columns',
    2,
    /expected 12 columns, found 11/,
  ],
  ['an empty line', file(HEADER, A, '', B), 'columns', 3, /line is empty/],
  ['NaN', file(HEADER, A.replace('46250', 'NaN')), 'number', 2, /close "NaN"/],
  ['an exponent', file(HEADER, A.replace('40.57574', '4e1')), 'number', 2, /volume "4e1"/],
  ['a sign', file(HEADER, A.replace('46208.37', '-46208.37')), 'number', 2, /low "-46208.37"/],
  ['a missing number', file(HEADER, A.replace('46250', '')), 'number', 2, /close ""/],
  ['a dot at the end', file(HEADER, A.replace('46250', '46250.')), 'number', 2, /close "46250."/],
  ['a dot at the start', file(HEADER, A.replace('46250', '.5')), 'number', 2, /close ".5"/],
  ['a quoted number', file(HEADER, A.replace('46250', '"46250"')), 'number', 2, /close/],
  ['a date for a time', file(HEADER, A.replace('1640995200000', '2022-01-01')), 'number', 2, /open_time/],
  ['a broken time', file(HEADER, A.replace('1640995200000', '1640995200000.5')), 'number', 2, /whole number/],
  ['a price of 0', file(HEADER, A.replace('46208.37', '0')), 'range', 2, /price is 0/],
  ['high below close', file(HEADER, A.replace('46271.08', '46240')), 'range', 2, /impossible/],
  ['low above open', file(HEADER, A.replace('46208.37', '46217')), 'range', 2, /impossible/],
  ['a repeated candle', file(HEADER, A, B, B), 'not-ascending', 4, /not after 1640995260000/],
  ['unsorted candles', file(HEADER, B, A), 'not-ascending', 3, /not after/],
  [
    'a misaligned candle',
    file(HEADER, A, B, C.replace('320000', '380001')),
    'misaligned',
    4,
    /no multiple of 1m/,
  ],
  [
    'a broken microsecond',
    file(DUMP_MICROSECONDS.replace('600000000,', '600000001,')),
    'misaligned',
    1,
    /µs/,
  ],
  ['an odd interval', file(HEADER, A, B.replace('260000', '207000')), 'interval', 3, /7000 ms/],
];

test.each(FAULTS)('refuses %s, and both parsers say the same', (_name, text, fault, line, message) => {
  const attempts = [() => parseCandleText(text), () => parseCandleColumns(text, { symbol: 'BTCUSDT' })];
  for (const attempt of attempts) {
    expect(attempt).toThrow(CandleFormatError);
    expect(attempt).toThrow(expect.objectContaining({ fault, line, code: 'CANDLE_FORMAT_INVALID' }));
    expect(attempt).toThrow(message);
  }
});

test('holds the candles against the interval that is expected', () => {
  expect(() => parseCandleText(file(HEADER, A, B), { intervalMs: 300_000 })).toThrow(/no multiple of 5m/);
  expect(parseCandleText(file(HEADER, A), { intervalMs: 60_000 })).toHaveLength(1);
  expect(() => parseCandleColumns(file(HEADER, A), { symbol: 'X' })).toThrow(/one candle does not tell/);
});
