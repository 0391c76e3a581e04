import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkout } from '@fleet/testkit/infrastructure';
import { afterEach, describe, expect, it } from 'vitest';
import { fleetHome } from './fleet-home.ts';
import { chooseMarket, keepMarket, type MarketRequest, marketArguments } from './market-choice.ts';
import { runConfig } from './run-config.ts';

const CONFIG = join(checkout, 'config');
const HEADER = 'open_time,open,high,low,close,volume';
const dirs: string[] = [];

afterEach(() => {
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true });
});

function place() {
  const dir = mkdtempSync(join(tmpdir(), 'market-choice-'));
  dirs.push(dir);
  const home = fleetHome(join(dir, 'home'));
  mkdirSync(home.simulator, { recursive: true });
  const candles = (name: string, rows: readonly string[]) => {
    const file = join(dir, name);
    writeFileSync(file, `${[HEADER, ...rows].join('\n')}\n`);
    return file;
  };
  const choose = (request: Partial<MarketRequest> = {}, config = CONFIG) =>
    chooseMarket(home, { candles: [], ...request }, config);
  const standing = (finished: boolean) =>
    writeFileSync(join(home.simulator, 'run.json'), JSON.stringify({ run: 'sim-1', finished }));
  return { dir, home, candles, choose, standing };
}

const minute = (index: number, close = '100') =>
  `${1_722_470_400_000 + index * 60_000},100,101,99,${close},5`;
const ROWS = [minute(0), minute(1), minute(2)];

describe('choice of the market', () => {
  it('reads candle files and knows how many bar sets they make', () => {
    const { candles, choose } = place();
    const files = [candles('BTCUSDT-1m-a.csv', ROWS), candles('ETHUSDT-1m-a.csv', [minute(1), minute(3)])];
    const market = choose({ candles: files });
    expect(market).toMatchObject({
      symbols: ['BTCUSDT', 'ETHUSDT'],
      interval: '1m',
      total: 4,
      continued: false,
    });
    expect(marketArguments(market.source)).toEqual(['--candles', files[0], '--candles', files[1]]);
  });

  it('makes a market of the configured symbols with a seed of its own, and hands all of it to the simulator', () => {
    const { choose } = place();
    const { source, total } = choose({ from: Date.UTC(2024, 0, 2) });
    if (source.kind !== 'synthetic') throw new Error('not synthetic');
    expect(source.symbols).toEqual(['BTCUSDT', 'ETHUSDT']);
    expect(total).toBeNull();
    expect(marketArguments(source)).toEqual([
      ...['--seed', source.seed, '--symbols', 'BTCUSDT,ETHUSDT', '--interval', '1m', '--history', '1440'],
      ...['--from', '2024-01-02T00:00:00.000Z'],
    ]);
    expect(choose().source).not.toEqual(choose().source);
  });

  it('goes on with an unfinished run when nothing is named, or the same candles under another name', () => {
    const { home, candles, choose, standing } = place();
    const file = candles('BTCUSDT-1m-a.csv', ROWS);
    const market = choose({ candles: [file] });
    keepMarket(home, market);
    standing(false);
    expect(choose()).toMatchObject({ continued: true, source: market.source });
    const copy = candles('BTCUSDT-1m-b.csv', ROWS);
    expect(choose({ candles: [copy] })).toMatchObject({ continued: true, descriptor: market.descriptor });
  });

  it('refuses other candles while a run is unfinished, and takes them with --fresh or after its end', () => {
    const { home, candles, choose, standing } = place();
    keepMarket(home, choose({ candles: [candles('BTCUSDT-1m-a.csv', ROWS)] }));
    standing(false);
    const other = { candles: [candles('BTCUSDT-1m-b.csv', [minute(0, '99.5')])] };
    expect(() => choose(other)).toThrow(/unfinished run of BTCUSDT-1m-a\.csv .* names BTCUSDT-1m-b\.csv/);
    expect(choose({ ...other, fresh: true }).continued).toBe(false);
    standing(true);
    expect(choose(other).continued).toBe(false);
  });

  it('keeps the seed of an unfinished made-up market, and refuses another', () => {
    const { home, choose, standing } = place();
    const market = choose({ seed: 'first' });
    keepMarket(home, market);
    standing(false);
    expect(choose({ symbols: ['BTCUSDT', 'ETHUSDT'] })).toMatchObject({
      continued: true,
      source: market.source,
    });
    expect(() => choose({ seed: 'second' })).toThrow(/unfinished run of the synthetic market of seed first/);
  });

  it.each<[string, string, readonly string[], string]>([
    ['no rows', 'BTCUSDT-1m-a.csv', [], 'BTCUSDT-1m-a.csv'],
    ['unsorted rows', 'BTCUSDT-1m-a.csv', [minute(1), minute(0)], 'Line 3: '],
    ['a row twice', 'BTCUSDT-1m-a.csv', [minute(0), minute(0)], 'Line 3: '],
    ['a malformed row', 'BTCUSDT-1m-a.csv', [minute(0), '1722470460000,100,abc,99,100,5'], 'Line 3: '],
    ['a name without a symbol', 'candles.csv', ROWS, 'does not tell its symbol'],
    ['a symbol without an instrument', 'XYZUSDT-1m-a.csv', ROWS, 'no instrument is configured for XYZUSDT'],
    ['a symbol without a strategy', 'SOLUSDT-1m-a.csv', ROWS, 'no strategy for SOLUSDT'],
    [
      'bars of another interval',
      'BTCUSDT-5m-a.csv',
      [minute(0), minute(5), minute(10)],
      'the candles are of 5m',
    ],
  ])('refuses a file with %s before anything is started', (_, name, rows, words) => {
    const { candles, choose } = place();
    expect(() => choose({ candles: [candles(name, rows)] })).toThrow(words);
  });

  it('refuses a file that is not there', () => {
    const { choose, dir } = place();
    const file = join(dir, 'BTCUSDT-1m-none.csv');
    expect(() => choose({ candles: [file] })).toThrow(`${file}: the file does not exist`);
  });

  it('refuses a faulty strategies.yaml, with the line', () => {
    const { dir, choose } = place();
    const config = join(dir, 'config');
    cpSync(CONFIG, config, { recursive: true });
    writeFileSync(join(config, 'strategies.yaml'), 'interval: 1m\nstrategys: []\n');
    expect(() => choose({}, config)).toThrow(/strategies\.yaml:2/);
  });
});

describe('configuration of a run', () => {
  it('is the checkout’s when every traded symbol has candles', () => {
    const { home, choose } = place();
    expect(runConfig(home, choose(), CONFIG)).toBe(CONFIG);
  });

  it('leaves out strategies of symbols that the market does not have', () => {
    const { home, candles, choose } = place();
    const market = choose({ candles: [candles('ETHUSDT-1m-a.csv', ROWS)] });
    const config = runConfig(home, market, CONFIG);
    expect(config).toBe(home.config);
    const { strategies } = choose({ candles: [candles('ETHUSDT-1m-b.csv', ROWS)] }, config).strategies;
    expect(strategies.map(({ symbol }) => symbol)).toEqual(['ETHUSDT']);
  });
});
