import { expect, test } from 'vitest';
import type { Bar } from '../bars/index.ts';
import { type EmaCrossParameters, emaCross } from './ema-cross.ts';

const PARAMETERS = emaCross.parameters.parse({ fast: 2, slow: 4, atrPeriod: 2, atrMultiple: 2 });

/** Bars that close at the given prices and reach 1 above and below. */
function run(closes: readonly number[], p: EmaCrossParameters = PARAMETERS) {
  const state = emaCross.create(p);
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
    return emaCross.onBar(p, state, bar);
  });
}

/** 12 bars of warm-up at 100, then the given closes. */
const after = (...closes: number[]) => [...new Array<number>(12).fill(100), ...closes];

test('warms up on exactly its warm-up bars', () => {
  expect(emaCross.warmUpBars(PARAMETERS)).toBe(12);
  const signals = run(after(100));
  expect(signals.slice(0, 12).every((signal) => signal.reason === 'warm-up' && signal.target === 0)).toBe(
    true,
  );
  expect(signals[12]!.reason).not.toBe('warm-up');
  expect(emaCross.warmUpBars({ ...PARAMETERS, atrPeriod: 20 })).toBe(81);
});

test('enters when the fast average is above the slow one, holds, and leaves when it no longer is', () => {
  const reasons = run(after(100, 110, 112, 90, 90)).slice(12);
  expect(reasons.map((signal) => [signal.target, signal.reason])).toEqual([
    [0, 'ema-cross-down'],
    [1, 'ema-cross-up'],
    [1, 'ema-trend'],
    [0, 'ema-cross-down'],
    [0, 'ema-cross-down'],
  ]);
});

test('sets its stop a multiple of the ATR away and its confidence by the lead', () => {
  const [signal] = run(after(110)).slice(12);
  // True ranges 2 until the bar of 110, which reaches 11 above the close of 100: (2 × (2 − 1) + 11) / 2 = 6.5.
  expect(signal!.stopDistance).toBeCloseTo(13, 12);
  // Averages 100 + 10 × 2/3 and 100 + 10 × 2/5: a lead of 8/3 over an ATR of 6.5.
  expect(signal!.confidence).toBeCloseTo(0.5 + (0.5 * (8 / 3)) / 6.5, 12);
});

test('an entry band keeps out of weak crosses, and does not force an exit', () => {
  const p = { ...PARAMETERS, entryBand: 0.4 };
  const reasons = run(after(101, 110, 108, 107), p).slice(12);
  expect(reasons.map((signal) => signal.reason)).toEqual([
    'no-ema-cross',
    'ema-cross-up',
    'ema-trend',
    'ema-trend',
  ]);
});

test('in a market that does not move there is nothing to trade', () => {
  const state = emaCross.create(PARAMETERS);
  const bar: Bar = { symbol: 'X', openTime: 0, open: 5, high: 5, low: 5, close: 5, volume: 0 };
  for (let i = 0; i < 100; i += 1) expect(emaCross.onBar(PARAMETERS, state, bar).target).toBe(0);
});
