import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Instrument } from '@fleet/domain/instruments';
import type { VenueConfig } from '@fleet/domain/matching';
import { type CandleMarketOptions, loadCandleMarket } from '../market/load-market.ts';
import type { Market } from '../market/market.ts';

/** Open, high, low, close of a bar; null leaves it out. */
export type Prices = readonly [open: number, high: number, low: number, close: number] | null;

export const MINUTE = 60_000;
/** Open time of the first bar of every fixture. */
export const FROM = Date.UTC(2024, 7, 1);

const instrument = (base: string): Instrument => ({
  symbol: `${base}USDT`,
  base,
  quote: 'USDT',
  tickSize: '0.01',
  stepSize: '0.001',
  quantityMin: '0.001',
  quantityMax: '9000',
  notionalMin: '5',
});

export const INSTRUMENTS: readonly Instrument[] = [instrument('BTC'), instrument('ETH')];

export const VENUE: VenueConfig = {
  makerFeeRate: '0.001',
  takerFeeRate: '0.001',
  slippageBps: 0,
  collar: '0.02',
  startBalances: { USDT: '10000', BTC: '5' },
};

/** A folder of the test's own, and its removal. */
export function temporaryFolder(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'simulator-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Writes bars that open a minute apart; returns the file's path. */
export function writeCandles(folder: string, symbol: string, bars: readonly Prices[]): string {
  const lines = bars.flatMap((prices, at) =>
    prices === null ? [] : [[FROM + at * MINUTE, ...prices, 10].join(',')],
  );
  const path = join(folder, `${symbol}-1m-fixture.csv`);
  writeFileSync(path, `${['open_time,open,high,low,close,volume', ...lines].join('\n')}\n`);
  return path;
}

/** A market of the given bars by symbol. */
export function fixtureMarket(
  bars: Readonly<Record<string, readonly Prices[]>>,
  bounds: Omit<CandleMarketOptions, 'candles'> = {},
): Market {
  const folder = temporaryFolder();
  try {
    const candles = Object.entries(bars).map(([symbol, prices]) => writeCandles(folder.path, symbol, prices));
    return loadCandleMarket(INSTRUMENTS, { candles, ...bounds });
  } finally {
    folder.remove();
  }
}

/** `count` bars that stand still at `price`. */
export function flat(count: number, price = 100): Prices[] {
  return Array.from({ length: count }, (): Prices => [price, price, price, price]);
}
