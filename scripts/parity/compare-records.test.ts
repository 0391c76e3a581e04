import { describe, expect, it } from 'vitest';
import { compareRecords, comparisonText } from './compare-records.ts';
import { byKey, orderKey, type RunRecord } from './run-record.ts';

const key = orderKey({ cycleId: '1m:1722470400000', symbol: 'BTCUSDT', purpose: 'entry', sequence: 0 });
const record: RunRecord = {
  orders: new Map([[key, { side: 'buy', quantity: '0.1', state: 'FILLED' }]]),
  fills: new Map([['BTCUSDT 1', { order: key, price: '64000', fee: '0.0001' }]]),
  denials: new Map([['1m:1722470460000 ETHUSDT entry 1', { code: 'DAILY_LOSS_CAP' }]]),
  equity: new Map([
    ['1722470400000', { equity: '10000' }],
    ['1722470460000', { equity: '9999.5' }],
  ]),
};

describe('comparison of two runs', () => {
  it('finds nothing in equal ones and says what it compared', () => {
    const comparison = compareRecords(record, structuredClone(record));
    expect(comparisonText(comparison)).toBe('parity: 1 orders, 1 fills, 2 bars, 0 differences');
  });

  it.each<[string, Partial<RunRecord>, string]>([
    [
      'an order',
      { orders: new Map([[key, { side: 'buy', quantity: '0.2', state: 'FILLED' }]]) },
      `orders ${key}: quantity: fleet 0.1, backtest 0.2`,
    ],
    [
      'a fee',
      { fills: new Map([['BTCUSDT 1', { order: key, price: '64000', fee: '0.0002' }]]) },
      'fills BTCUSDT 1: fee: fleet 0.0001, backtest 0.0002',
    ],
    [
      'a denial of one side',
      { denials: new Map() },
      'denials 1m:1722470460000 ETHUSDT entry 1: only in the fleet: code DAILY_LOSS_CAP',
    ],
    [
      'an equity of one side',
      { equity: new Map([...record.equity, ['1722470520000', { equity: '1' }]]) },
      'equity 1722470520000: only in the backtest: equity 1',
    ],
  ])('names %s that differs', (_, change, words) => {
    const { differences } = compareRecords(record, { ...record, ...change });
    expect(differences.map((each) => `${each.part} ${each.key}: ${each.words}`)).toEqual([words]);
  });

  it('shows the first twenty, earliest first, and the count on the last line', () => {
    const times = Array.from({ length: 25 }, (_, index) => 1_722_470_400_000 + index * 60_000).reverse();
    const other = { ...record, equity: new Map(times.map((time) => [String(time), { equity: '1' }])) };
    const lines = comparisonText(compareRecords(record, other)).split('\n');
    expect(lines).toHaveLength(22);
    expect(lines[0]).toContain('equity 1722470400000');
    expect(lines.at(-2)).toBe('  and 5 more');
    expect(lines.at(-1)).toBe('parity: 1 orders, 1 fills, 2 bars, 25 differences');
  });

  it('refuses rows that share a name: one would hide the other', () => {
    expect(() =>
      byKey('orders', [
        [key, {}],
        [key, {}],
      ]),
    ).toThrow(`orders: two rows are named ${key}`);
  });
});
