import { referenceText } from '@fleet/testkit/reference-data';
import { expect, test } from 'vitest';
import { formatCandleText, parseCandleText } from './candle-text.ts';
import {
  columnBar,
  columnText,
  firstRowFrom,
  parseCandleColumns,
  sliceColumns,
  toColumns,
} from './columns.ts';
import { plainDecimal } from './plain-decimal.ts';
import { syntheticCandles } from './synthetic.ts';

const MINUTE = 60_000;
const bars = syntheticCandles({
  seed: 'columns',
  symbol: 'ETHUSDT',
  interval: '1m',
  from: 0,
  bars: 5_000,
  startPrice: '2315.4',
  tickSize: '0.01',
  gapShare: 0.002,
});

test('columns of a text, of its bars and the text again are all the same candles', () => {
  const columns = parseCandleColumns(formatCandleText(bars), { symbol: 'ETHUSDT' });
  expect(columns).toEqual(toColumns('ETHUSDT', MINUTE, bars));
  expect(columns.length).toBe(bars.length);
  for (const [row, bar] of bars.entries()) expect(columnText(columns, row)).toEqual(bar);
  expect(columnBar(columns, 7).close).toBe(Number(bars[7]!.close));
  expect(() => columnBar(columns, bars.length)).toThrow(RangeError);
});

test('cuts out a period, gaps or not', () => {
  const columns = toColumns('ETHUSDT', MINUTE, bars);
  const from = 1_000 * MINUTE;
  const to = 2_000 * MINUTE;
  const part = sliceColumns(columns, from, to);
  expect([...part.openTime]).toEqual(
    bars.map((bar) => bar.openTime).filter((time) => time >= from && time < to),
  );
  expect(part.length).toBe(part.close.length);
  expect(sliceColumns(columns, to, from).length).toBe(0);
  expect(firstRowFrom(columns, Number.POSITIVE_INFINITY)).toBe(columns.length);
});

test('a price that a number cannot hold is refused, a long volume is rounded', () => {
  const text =
    'open_time,open,high,low,close,volume\n0,1,2,1,1.5,123456789.12345678\n60000,1,2,1,1.0000000000000001,1';
  expect(() => parseCandleColumns(text, { symbol: 'X' })).toThrow(/Line 3: .*15 significant digits/);
  const shorter = parseCandleColumns(text.replace('1.0000000000000001', '1.00000000000000000'), {
    symbol: 'X',
  });
  expect(columnText(shorter, 0).volume).toBe(plainDecimal(123456789.12345678));
  expect(columnText(shorter, 1).close).toBe('1');
});

test('every decimal of up to 15 digits comes back as it was', () => {
  for (const text of ['0.00000001', '0.00000123', '0.000000999', '999999999999999', '0.1', '108353', '0']) {
    expect(plainDecimal(Number(text))).toBe(text);
  }
  expect(plainDecimal(1e21)).toBe('1000000000000000000000');
});

const week = referenceText('candles/BTCUSDT-1m-20240801-20240807.csv.gz');
test.runIf(week !== null)('a real week comes back letter for letter', () => {
  const text = week!;
  const columns = parseCandleColumns(text, { symbol: 'BTCUSDT' });
  expect(columns.length).toBe(10_080);
  const again = Array.from({ length: columns.length }, (_, row) => columnText(columns, row));
  expect(formatCandleText(again)).toBe(text);
  expect(parseCandleText(text)).toEqual(again);
});
