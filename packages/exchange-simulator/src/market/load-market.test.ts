import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  FROM,
  flat,
  INSTRUMENTS,
  MINUTE,
  type Prices,
  temporaryFolder,
  writeCandles,
} from '../testing/market-fixture.ts';
import { candleFile } from './candle-files.ts';
import { loadCandleMarket, loadSyntheticMarket } from './load-market.ts';
import { barSet, type Market, nextSetFrom } from './market.ts';

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

const HEADER = 'open_time,open,high,low,close,volume';
const file = (name: string, content: string | Buffer): string => {
  const path = join(folder.path, name);
  writeFileSync(path, content);
  return path;
};
const load = (...candles: string[]) => loadCandleMarket(INSTRUMENTS, { candles });

function openTimes(market: Market, count = 100): number[] {
  const times: number[] = [];
  for (let at = nextSetFrom(market, 0); at !== null && times.length < count; at = nextSetFrom(market, at + 1))
    times.push((at - market.from) / market.intervalMs);
  return times;
}

describe('candle files', () => {
  it('tells the symbol by the name or by the argument', () => {
    expect(candleFile('/x/BTCUSDT-1m-2024.csv.gz')).toMatchObject({ symbol: 'BTCUSDT', intervalMs: MINUTE });
    expect(candleFile('ETHUSDT=/x/anything.csv')).toEqual({
      symbol: 'ETHUSDT',
      path: '/x/anything.csv',
      intervalMs: null,
    });
    expect(() => candleFile('/x/candles.csv')).toThrow(/does not tell its symbol/);
  });

  it('keeps the prices as the file writes them, from plain and gzip files and from dumps', () => {
    const rows = `${FROM},1.10,2.00,1,1.5,3\n${FROM + MINUTE},1.5,1.50,1.5,1.5,0`;
    const dump = `${FROM * 1000},1.10,2.00,1,1.5,3,${FROM * 1000 + 59_999_999},4,5,6,7,0\n`;
    for (const path of [
      file('BTCUSDT-1m-a.csv', `${HEADER}\n${rows}`),
      file('BTCUSDT-1m-b.csv', `${HEADER}\r\n${rows.replace('\n', '\r\n')}\r\n`),
      file('BTCUSDT-1m-c.csv.gz', gzipSync(`${HEADER}\n${rows}\n`)),
      file(
        'BTCUSDT-1m-d.csv',
        `${dump}${dump.replaceAll(String(FROM * 1000), String((FROM + MINUTE) * 1000))}`,
      ),
    ]) {
      const market = load(path);
      expect(market).toMatchObject({ interval: '1m', from: FROM, to: FROM + 2 * MINUTE, total: 2 });
      expect(market.series.get('BTCUSDT')?.at(FROM)).toEqual({
        openTime: FROM,
        open: '1.10',
        high: '2.00',
        low: '1',
        close: '1.5',
        volume: '3',
      });
    }
  });

  it.each([
    ['a file that is not there', () => '/nowhere/BTCUSDT-1m-x.csv', /does not exist/],
    ['an empty file', () => file('BTCUSDT-1m-x.csv', ''), /empty/],
    ['a wrong header', () => file('BTCUSDT-1m-x.csv', 'time,price\n1,2\n'), /header/],
    ['a word for a number', () => file('BTCUSDT-1m-x.csv', `${HEADER}\n${FROM},1,1,1,x,1\n`), /Line 2/],
    [
      'unsorted rows',
      () => file('BTCUSDT-1m-x.csv', `${HEADER}\n${FROM + MINUTE},1,1,1,1,1\n${FROM},1,1,1,1,1\n`),
      /Line 3/,
    ],
    [
      'a repeated row',
      () => file('BTCUSDT-1m-x.csv', `${HEADER}\n${FROM},1,1,1,1,1\n${FROM},1,1,1,1,1\n`),
      /Line 3/,
    ],
    ['broken gzip', () => file('BTCUSDT-1m-x.csv.gz', gzipSync('x').subarray(0, 12)), /BTCUSDT-1m-x/],
  ])('refuses %s with the path and the line', (_name, make, message) => {
    expect(() => load(make())).toThrow(message);
  });

  it('refuses a symbol without an instrument, two files of one symbol, two intervals, and an empty range', () => {
    const btc = writeCandles(folder.path, 'BTCUSDT', flat(3));
    expect(() => load(`ZZZUSDT=${btc}`)).toThrow(/no instrument is configured for ZZZUSDT/);
    expect(() => load(btc, btc)).toThrow(/two candle files are given for BTCUSDT/);
    const five = file('e.csv', `${HEADER}\n${FROM},1,1,1,1,1\n${FROM + 5 * MINUTE},1,1,1,1,1\n`);
    expect(() => load(btc, `ETHUSDT=${five}`)).toThrow(/different intervals: BTCUSDT 1m, ETHUSDT 5m/);
    expect(() => loadCandleMarket(INSTRUMENTS, { candles: [btc], from: FROM + MINUTE * 9 })).toThrow(
      /no candle opens from/,
    );
  });

  it('puts the symbols in configured order and passes over times at which nobody traded', () => {
    const gap: Prices[] = [...flat(1), null, ...flat(1), null];
    const eth = writeCandles(folder.path, 'ETHUSDT', gap);
    const btc = writeCandles(folder.path, 'BTCUSDT', [...flat(1), null, null, ...flat(1)]);
    const market = load(eth, btc);
    expect(market.symbols).toEqual(['BTCUSDT', 'ETHUSDT']);
    expect(openTimes(market)).toEqual([0, 2, 3]);
    expect(barSet(market, FROM + 2 * MINUTE)).toMatchObject({
      bars: [{ symbol: 'ETHUSDT' }],
      missing: ['BTCUSDT'],
    });
    expect(barSet(market, FROM + 3 * MINUTE)).toMatchObject({
      bars: [{ symbol: 'BTCUSDT' }],
      missing: ['ETHUSDT'],
    });
  });

  it('names the same market the same, wherever its files lie', () => {
    const btc = writeCandles(folder.path, 'BTCUSDT', flat(3));
    const copy = file(
      'copy.csv.gz',
      gzipSync(
        `${HEADER}\n${[0, 1, 2].map((at) => `${FROM + at * MINUTE},100,100,100,100,10`).join('\n')}\n`,
      ),
    );
    expect(load(`BTCUSDT=${copy}`).descriptor).toBe(load(btc).descriptor);
    const bounded = loadCandleMarket(INSTRUMENTS, { candles: [btc], from: FROM + MINUTE });
    expect(bounded.descriptor).not.toBe(load(btc).descriptor);
  });
});

describe('synthetic market', () => {
  const options = { seed: '7', symbols: ['ETHUSDT', 'BTCUSDT'], interval: '1m' };

  it('is the same for the same seed and another for another', () => {
    const bars = (seed: string) => {
      const market = loadSyntheticMarket(INSTRUMENTS, { ...options, seed });
      return market.series.get('BTCUSDT')?.range(market.from, market.from + 50 * MINUTE, 100, false);
    };
    expect(bars('7')).toEqual(bars('7'));
    expect(bars('7')).not.toEqual(bars('8'));
  });

  it('has no end unless one is given', () => {
    const endless = loadSyntheticMarket(INSTRUMENTS, options);
    expect(endless).toMatchObject({ to: null, total: null, symbols: ['BTCUSDT', 'ETHUSDT'] });
    expect(openTimes(endless, 3_000)).toHaveLength(3_000);
    const to = endless.from + 100 * MINUTE;
    const bounded = loadSyntheticMarket(INSTRUMENTS, { ...options, to });
    expect(openTimes(bounded, 3_000)).toHaveLength(bounded.total ?? 0);
    expect(bounded.total).toBeGreaterThan(90);
  });

  it('serves history before its begin', () => {
    const market = loadSyntheticMarket(INSTRUMENTS, { ...options, historyBars: 200 });
    const bars = market.series.get('ETHUSDT')?.range(0, market.from, 50, true) ?? [];
    expect(bars).toHaveLength(50);
    expect(bars.at(-1)?.openTime).toBeLessThan(market.from);
    expect(nextSetFrom(market, 0)).toBeGreaterThanOrEqual(market.from);
  });

  it('refuses unknown symbols, none, and an end before its begin', () => {
    expect(() => loadSyntheticMarket(INSTRUMENTS, { ...options, symbols: ['ZZZUSDT'] })).toThrow(/ZZZUSDT/);
    expect(() => loadSyntheticMarket(INSTRUMENTS, { ...options, symbols: [] })).toThrow(/no symbol/);
    expect(() => loadSyntheticMarket(INSTRUMENTS, { ...options, to: 1 })).toThrow(/is not after/);
  });
});
