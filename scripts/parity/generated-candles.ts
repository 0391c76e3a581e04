import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatCandleText, syntheticCandles } from '@fleet/domain/candles';
import type { Instrument } from '@fleet/domain/instruments';

export interface GeneratedOptions {
  readonly dir: string;
  readonly instruments: readonly Instrument[];
  readonly interval: string;
  readonly seed: string;
  readonly bars: number;
  /** Epoch ms, a multiple of the interval. */
  readonly from: number;
  /** Standard deviation of a year's return in calm times. */
  readonly volatility: number;
  readonly jumpShare: number;
  readonly gapShare: number;
}

/** Calm enough to hold positions, rough enough for stops, targets, loss caps and holes in the data. */
export const ROUGH = { volatility: 0.7, jumpShare: 0.001, gapShare: 0.002 };

const START_PRICES: Readonly<Record<string, string>> = { BTCUSDT: '64000', ETHUSDT: '3200' };
const START_PRICE = '100';

/** Candle files of a made-up market, one a symbol; returns their paths. The same options give the same bytes. */
export function generateCandles(options: GeneratedOptions): string[] {
  mkdirSync(options.dir, { recursive: true });
  return options.instruments.map(({ symbol, tickSize }) => {
    const { seed, interval, from, bars, volatility, jumpShare, gapShare } = options;
    const candles = syntheticCandles({
      ...{ seed, symbol, interval, from, bars, volatility, jumpShare, gapShare, tickSize },
      startPrice: START_PRICES[symbol] ?? START_PRICE,
    });
    const path = join(options.dir, `${symbol}-${interval}-generated.csv`);
    writeFileSync(path, formatCandleText(candles));
    return path;
  });
}
