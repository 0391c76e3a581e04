import { describe, expect, it } from 'vitest';
import { barOfMessage, barOfRow } from './map.ts';
import { klineMessageSchema, klineRowsSchema } from './schema.ts';

/** The stream's message as Binance documents it (Spot, Kline/Candlestick Streams). */
const MESSAGE = {
  e: 'kline',
  E: 1672515782136,
  s: 'BNBBTC',
  k: {
    ...{ t: 1672515780000, T: 1672515839999, s: 'BNBBTC', i: '1m', f: 100, L: 200 },
    ...{ o: '0.0010', c: '0.0020', h: '0.0025', l: '0.0015', v: '1000', n: 100, x: false },
    ...{ q: '1.0000', V: '500', Q: '0.500', B: '123456' },
  },
};

/** A row of GET /api/v3/klines as Binance documents it. */
const ROW = [
  ...[1499040000000, '0.01634790', '0.80000000', '0.01575800', '0.01577100', '148976.11427815'],
  ...[1499644799999, '2434.19055334', 308, '1756.87402397', '28.46694368', '0'],
];

describe('klines of the venue', () => {
  it('of the stream are bars once they are closed, digits untouched', () => {
    expect(barOfMessage(klineMessageSchema.parse(MESSAGE))).toBeNull();
    const closed = { ...MESSAGE, k: { ...MESSAGE.k, x: true } };
    expect(barOfMessage(klineMessageSchema.parse(closed))).toEqual({
      ...{ symbol: 'BNBBTC', openTime: 1672515780000 },
      ...{ open: '0.0010', high: '0.0025', low: '0.0015', close: '0.0020', volume: '1000' },
    });
  });

  it('of REST are bars, digits untouched', () => {
    const [row] = klineRowsSchema.parse([ROW]);
    expect(barOfRow('ETHBTC', row!)).toEqual({
      ...{ symbol: 'ETHBTC', openTime: 1499040000000 },
      ...{ open: '0.01634790', high: '0.80000000', low: '0.01575800', close: '0.01577100' },
      volume: '148976.11427815',
    });
  });

  it.each([
    ['a message without the closed flag', { ...MESSAGE, k: { ...MESSAGE.k, x: undefined } }],
    ['a price that is a number', { ...MESSAGE, k: { ...MESSAGE.k, c: 0.002 } }],
    ['another message', { result: null, id: 1 }],
  ])('%s is unreadable', (_name, message) => {
    expect(klineMessageSchema.safeParse(message).success).toBe(false);
  });
});
