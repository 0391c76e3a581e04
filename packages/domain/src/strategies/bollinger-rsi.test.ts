import { expect, test } from 'vitest';
import type { Bar } from '../bars/index.ts';
import { type BollingerRsiParameters, bollingerRsi } from './bollinger-rsi.ts';

const PARAMETERS = bollingerRsi.parameters.parse({
  bandPeriod: 5,
  bandWidth: 1.5,
  rsiPeriod: 2,
  atrPeriod: 2,
  atrMultiple: 2,
  rsiLow: 30,
  rsiHigh: 75,
});

function run(closes: readonly number[], p: BollingerRsiParameters = PARAMETERS) {
  const state = bollingerRsi.create(p);
  return closes.map((close, i) => {
    const bar: Bar = {
      symbol: 'X',
      openTime: i,
      open: close,
      high: close + 1,
      low: close - 1,
      close,
      volume: 1,
    };
    return bollingerRsi.onBar(p, state, bar);
  });
}

/** 9 bars of warm-up around 100, then the given closes. */
const after = (...closes: number[]) => [...Array.from({ length: 9 }, (_, i) => 100 + (i % 2)), ...closes];

test('warms up on exactly its warm-up bars', () => {
  expect(bollingerRsi.warmUpBars(PARAMETERS)).toBe(9);
  const signals = run(after(100));
  expect(signals.slice(0, 9).every((signal) => signal.reason === 'warm-up' && signal.target === 0)).toBe(
    true,
  );
  expect(signals[9]!.reason).toBe('no-entry');
  expect(bollingerRsi.warmUpBars({ ...PARAMETERS, bandPeriod: 200 })).toBe(200);
});

test('enters below the lower band, waits, and leaves at the middle band', () => {
  const signals = run(after(90, 89, 100)).slice(9);
  expect(signals.map((signal) => [signal.target, signal.reason])).toEqual([
    [1, 'below-lower-band'],
    [1, 'awaiting-mid-band'],
    [0, 'mid-band-reached'],
  ]);
  expect(signals[1]!.confidence).toBe(signals[0]!.confidence);
  expect(signals[0]!.confidence).toBeGreaterThan(0.5);
  // The bar of 90 reaches from 91 (below the close of 100 before it) down to 89.
  expect(signals[0]!.stopDistance).toBeGreaterThan(2);
});

test('does not enter while the RSI is not low, nor above the band', () => {
  expect(run(after(90), { ...PARAMETERS, rsiLow: 2 }).at(-1)!.reason).toBe('no-entry');
  expect(run(after(90), { ...PARAMETERS, bandWidth: 3 }).at(-1)!.reason).toBe('no-entry');
});

test('a high RSI ends the position below the middle band', () => {
  const p = { ...PARAMETERS, rsiHigh: 35 };
  const signals = run(after(60, 55, 72), p).slice(9);
  expect(signals.map((signal) => signal.reason)).toEqual([
    'below-lower-band',
    'awaiting-mid-band',
    'rsi-high',
  ]);
  expect(signals[2]!.target).toBe(0);
});

test('in a market that does not move there is nothing to trade', () => {
  const state = bollingerRsi.create(PARAMETERS);
  const bar: Bar = { symbol: 'X', openTime: 0, open: 0.1, high: 0.1, low: 0.1, close: 0.1, volume: 0 };
  for (let i = 0; i < 100; i += 1) expect(bollingerRsi.onBar(PARAMETERS, state, bar).target).toBe(0);
});
