import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { toBar } from '../bars/index.ts';
import { formatCandleText, parseCandleText } from './candle-text.ts';
import { createSynthetic, nextSynthetic, syntheticCandles } from './synthetic.ts';
import { SyntheticMarketError, type SyntheticOptions, syntheticMarket } from './synthetic-market.ts';

const MINUTE = 60_000;
const OPTIONS: SyntheticOptions = {
  seed: 42,
  symbol: 'BTCUSDT',
  interval: '1m',
  from: 1_704_067_200_000,
  bars: 20_000,
  startPrice: '42000',
  tickSize: '0.01',
};

test('the same options give the same bits, for ever', () => {
  const text = formatCandleText(syntheticCandles(OPTIONS));
  expect(formatCandleText(syntheticCandles({ ...OPTIONS }))).toBe(text);
  expect(formatCandleText(syntheticCandles({ ...OPTIONS, seed: 43 }))).not.toBe(text);
  // Pinned, so that a change of the generator is noticed: recorded runs rest on it.
  expect(createHash('sha256').update(text).digest('hex')).toBe(
    'c9fc47855b75d9c96670dd345b41e93659182f8bb11d94728f4f64f350d6cb3d',
  );
});

test('its files pass the parser and lie on tick and lot', () => {
  const bars = syntheticCandles({ ...OPTIONS, tickSize: '0.05' });
  expect(parseCandleText(formatCandleText(bars))).toEqual(bars);
  for (const bar of bars) {
    expect(Number.isInteger(Math.round(Number(bar.close) * 1e6) / 50_000)).toBe(true);
    expect(bar.volume).toMatch(/^\d+(\.\d{1,5})?$/);
  }
});

test('has gaps, silent bars, jumps, and trends both ways', () => {
  const bars = syntheticCandles({ ...OPTIONS, bars: 50_000, gapShare: 0.001 }).map((bar) =>
    toBar('BTCUSDT', bar),
  );
  const gaps = bars.filter((bar, i) => i > 0 && bar.openTime - bars[i - 1]!.openTime > MINUTE);
  expect(gaps.length).toBeGreaterThan(20);
  expect(bars.filter((bar) => bar.volume === 0).length).toBeGreaterThan(5);
  const returns = bars.slice(1).map((bar, i) => bar.close / bars[i]!.close - 1);
  const deviation = Math.sqrt(returns.reduce((sum, r) => sum + r * r, 0) / returns.length);
  expect(Math.max(...returns.map(Math.abs))).toBeGreaterThan(5 * deviation);
  const yearly = deviation * Math.sqrt(525_600);
  expect(yearly).toBeGreaterThan(0.4);
  expect(yearly).toBeLessThan(1.2);
});

test('symbols of one seed move together, the more the higher the correlation', () => {
  const correlate = (correlation: number) => {
    const [a, b] = ['BTCUSDT', 'ETHUSDT'].map((symbol) => {
      const bars = syntheticCandles({ ...OPTIONS, symbol, correlation, gapShare: 0 });
      return bars
        .map((bar) => Number(bar.close))
        .map((close, i, all) => (i === 0 ? 0 : close / all[i - 1]! - 1));
    });
    const sum = (f: (i: number) => number) => a!.reduce((total, _, i) => total + f(i), 0);
    return sum((i) => a![i]! * b![i]!) / Math.sqrt(sum((i) => a![i]! ** 2) * sum((i) => b![i]! ** 2));
  };
  expect(correlate(0.9)).toBeGreaterThan(0.7);
  expect(correlate(0.7)).toBeGreaterThan(0.35);
  expect(Math.abs(correlate(0))).toBeLessThan(0.1);
});

test('continues from its state after JSON, bar for bar', () => {
  const market = syntheticMarket(OPTIONS);
  const state = createSynthetic(OPTIONS);
  for (let i = 0; i < 777; i += 1) nextSynthetic(market, state);
  const copy = JSON.parse(JSON.stringify(state)) as typeof state;
  for (let i = 0; i < 777; i += 1) expect(nextSynthetic(market, copy)).toEqual(nextSynthetic(market, state));
});

test.each<[string, Partial<SyntheticOptions>]>([
  ['from', { from: 1 }],
  ['bars', { bars: -1 }],
  ['startPrice', { startPrice: '0.5' }],
  ['startPrice', { startPrice: 'much' }],
  ['tickSize', { tickSize: '0' }],
  ['tickSize', { tickSize: '1e-2' }],
  ['correlation', { correlation: 1.1 }],
  ['volatility', { volatility: 0 }],
])('refuses a wrong %s', (option, change) => {
  const attempt = () => syntheticCandles({ ...OPTIONS, ...change });
  expect(attempt).toThrow(SyntheticMarketError);
  expect(attempt).toThrow(expect.objectContaining({ option }));
});
