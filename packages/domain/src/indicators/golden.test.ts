import { referenceText } from '@fleet/testkit/reference-data';
import { expect, test } from 'vitest';
import { type Bar, toBar } from '../bars/index.ts';
import { parseCandleText } from '../candles/index.ts';
import { indicatorColumns } from './columns.fixture.ts';

// Computed by TA-Lib 0.8 on 600 real hourly bars of BTCUSDT, to 12 significant digits.
const golden = referenceText('golden/indicators.csv');
const candles = referenceText('candles/BTCUSDT-1h-20170817-20241231.csv.gz');

test.runIf(golden !== null && candles !== null)('every indicator equals TA-Lib within 1e-9', () => {
  const lines = golden!.trimEnd().split('\n');
  const names = lines[0]!.split(',').slice(1);
  const bars: Bar[] = parseCandleText(candles!)
    .slice(-600)
    .map((text) => toBar('BTCUSDT', text));
  const columns = indicatorColumns(bars);
  expect(names.filter((name) => !(name in columns))).toEqual([]);
  const rows = lines.slice(1).map((line) => line.split(','));
  expect(rows.length).toBe(600);
  let compared = 0;
  for (const [column, name] of names.entries()) {
    for (const [row, cells] of rows.entries()) {
      expect(Number(cells[0])).toBe(bars[row]!.openTime);
      const cell = cells[column + 1]!;
      const value = columns[name]![row]!;
      if (cell === '') expect([name, row, value]).toEqual([name, row, Number.NaN]);
      else {
        const expected = Number(cell);
        // An entry rounded to 12 digits is itself off by up to 5e-12 of its size.
        const error = Math.abs(value - expected) / Math.max(Math.abs(expected), 1e-3);
        if (error > 1e-9) expect({ name, row, value }).toEqual({ name, row, value: expected });
        compared += 1;
      }
    }
  }
  expect(compared).toBeGreaterThan(12_000);
});
