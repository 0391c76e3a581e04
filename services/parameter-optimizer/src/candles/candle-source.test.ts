import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { formatCandleText } from '@fleet/domain/candles';
import { afterAll, expect, test } from 'vitest';
import { DAY_MS, FROM, marketText } from '../../test/study-fixture.ts';
import { candlesFromAnalyst } from './analyst-bars.ts';
import { candlesFromFolder } from './candle-folder.ts';
import { type CandleSources, loadCandles } from './candle-source.ts';
import { shareColumns, viewColumns } from './shared-columns.ts';

const bars = marketText('BTCUSDT', 2);
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function folderOf(files: Readonly<Record<string, string | Buffer>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'optimizer-candles-'));
  folders.push(folder);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

const sources = (folder?: string, analystUrl?: string): CandleSources => ({
  ...{ folder, analystUrl, fromAnalyst: candlesFromAnalyst },
  fromFolder: async (request) => {
    const columns = candlesFromFolder(request);
    return columns === null ? null : shareColumns(columns);
  },
});
const request = (from: number, to: number) => ({
  ...{ symbols: ['BTCUSDT'], interval: '1m', intervalMs: 60_000, period: { from, to } },
});
const end = FROM + 2 * DAY_MS;

test('files, plain and gzipped, are put together; where they overlap they must agree', async () => {
  const folder = folderOf({
    'BTCUSDT-1m-20240101-20240101.csv': formatCandleText(bars.slice(0, 1500)),
    'BTCUSDT-1m-later.csv.gz': gzipSync(formatCandleText(bars.slice(1440))),
    'BTCUSDT-1m-20200101-20200102.csv': 'never read: its name says another time',
    'BTCUSDT-5m-20240101.csv': 'never read: another interval',
    'ETHUSDT-1m-20240101.csv': 'never read: another symbol',
  });
  const loaded = await loadCandles(request(FROM + DAY_MS / 2, end), sources(folder));
  const [columns] = loaded.candles;
  expect(columns?.length).toBe(bars.length);
  const view = columns === undefined ? undefined : viewColumns(columns);
  expect(Array.from(view?.close ?? [])).toEqual(bars.map(({ close }) => Number(close)));
  expect(Array.from(view?.openTime ?? [])).toEqual(bars.map(({ openTime }) => openTime));
  expect(loaded.bySymbol).toEqual({ BTCUSDT: 'files' });
  const whole = folderOf({ 'BTCUSDT-1m-all.csv': formatCandleText(bars) });
  expect((await loadCandles(request(FROM + DAY_MS / 2, end), sources(whole))).sha256).toBe(loaded.sha256);

  const other = bars.map((bar, row) => (row === 1450 ? { ...bar, open: bar.high, close: bar.high } : bar));
  writeFileSync(join(folder, 'BTCUSDT-1m-other.csv'), formatCandleText(other.slice(1440)));
  await expect(loadCandles(request(FROM, end), sources(folder))).rejects.toMatchObject({
    code: 'CANDLES_CONFLICT',
  });
});

test.each([
  ['an empty folder', {}, 'no file'],
  [
    'a file that ends too early',
    { 'BTCUSDT-1m-a.csv': formatCandleText(bars.slice(0, 2000)) },
    'BTCUSDT only from 2024-01-01T00:00:00.000Z to 2024-01-02',
  ],
  [
    'a file with holes',
    { 'BTCUSDT-1m-a.csv': formatCandleText(bars.filter((_, row) => row % 5 < 4 || row > 2800)) },
    'BTCUSDT has',
  ],
])('%s: the period is missing, and it says what is there', async (_what, files, words) => {
  const fault = loadCandles(request(FROM, end), sources(folderOf(files)));
  await expect(fault).rejects.toMatchObject({ code: 'CANDLES_MISSING' });
  await expect(fault).rejects.toThrow(words);
  await expect(fault).rejects.toThrow('MARKET_ANALYST_URL is not set');
});

test('a file that cannot be read is named', async () => {
  const folder = folderOf({ 'BTCUSDT-1m-a.csv': 'open_time,open\n1,2\n' });
  const fault = loadCandles(request(FROM, end), sources(folder));
  await expect(fault).rejects.toMatchObject({ code: 'CANDLE_FILE_UNREADABLE' });
  await expect(fault).rejects.toThrow('BTCUSDT-1m-a.csv');
  const absent = loadCandles(request(FROM, end), sources(join(folder, 'absent')));
  await expect(absent).rejects.toMatchObject({ code: 'CANDLE_FILE_UNREADABLE' });
});

test("where no file covers the period the market analyst's bars are taken", async () => {
  const asked: string[] = [];
  const callers: unknown[] = [];
  let status = 200;
  const stored = bars.slice(-1000).map((bar) => ({ symbol: 'BTCUSDT', ...bar }));
  const server = createServer((incoming, response) => {
    asked.push(incoming.url ?? '');
    callers.push(incoming.headers['x-service-secret']);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ symbol: 'BTCUSDT', interval: '1m', bars: stored }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    const loaded = await loadCandles(request(end - 600 * 60_000, end), sources(folderOf({}), url));
    expect(loaded.bySymbol).toEqual({ BTCUSDT: 'market-analyst' });
    expect(loaded.candles[0]?.length).toBe(1000); // earlier ones to warm up on
    expect(asked).toEqual(['/analysis/bars?symbol=BTCUSDT&limit=1000']);
    const withSecret: CandleSources = {
      ...sources(folderOf({}), url),
      fromAnalyst: (question) =>
        candlesFromAnalyst({ ...question, serviceSecret: 'secret-of-the-optimizer' }),
    };
    await loadCandles(request(end - 600 * 60_000, end), withSecret);
    expect(callers).toEqual([undefined, 'secret-of-the-optimizer']);
    const early = loadCandles(request(FROM, end), sources(undefined, url));
    await expect(early).rejects.toThrow('at the market analyst BTCUSDT only from 2024-01-02');
    status = 404;
    const refused = loadCandles(request(FROM, end), sources(undefined, url));
    await expect(refused).rejects.toThrow('the market analyst answered 404');
  } finally {
    server.close();
    server.closeAllConnections();
  }
});
