import { describe, expect, test } from 'vitest';
import { toBar } from '../bars/index.ts';
import { syntheticCandles } from '../candles/index.ts';
import { SnapshotShapeError } from '../snapshots/index.ts';
import { STRATEGIES, StrategyUnknownError, strategyByName } from './registry.ts';

const BARS = syntheticCandles({
  seed: 'registry',
  symbol: 'BTCUSDT',
  interval: '5m',
  from: 0,
  bars: 8_000,
  startPrice: '60000',
  tickSize: '0.01',
}).map((text) => toBar('BTCUSDT', text));

test('an unknown strategy is refused with the known ones', () => {
  for (const name of ['', 'hodl', 'toString']) {
    expect(() => strategyByName(name)).toThrow(StrategyUnknownError);
    expect(() => strategyByName(name)).toThrow(/known are ema-cross, bollinger-rsi/);
  }
});

describe.each([...STRATEGIES.values()])('$name', (strategy) => {
  const parameters = strategy.parameters.parse({});

  test('is found by its name, has defaults, and refuses unknown and impossible parameters', () => {
    expect(strategyByName(strategy.name)).toBe(strategy);
    expect(strategy.parameters.safeParse({ unknown: 1 }).success).toBe(false);
    for (const key of Object.keys(parameters)) {
      expect(strategy.parameters.safeParse({ [key]: -1 }).success).toBe(false);
      expect(strategy.parameters.safeParse({ [key]: 'many' }).success).toBe(false);
    }
  });

  test('every parameter can be searched, and the bounds of its range are allowed', () => {
    expect(Object.keys(strategy.searchSpace).sort()).toEqual(Object.keys(parameters).sort());
    const pick = (end: 'min' | 'max') =>
      Object.fromEntries(
        Object.entries(strategy.searchSpace).map(([key, range]) => [
          key,
          range.kind === 'choice' ? range.values.at(end === 'min' ? 0 : -1) : range[end],
        ]),
      );
    expect(strategy.parameters.safeParse(pick('min')).success).toBe(true);
    expect(strategy.parameters.safeParse(pick('max')).success).toBe(true);
  });

  test('trades, and every signal is within its bounds and stays what it was', () => {
    const state = strategy.create(parameters);
    const signals = BARS.map((bar) => strategy.onBar(parameters, state, bar));
    const copies = signals.map((signal) => ({ ...signal }));
    for (const bar of BARS.slice(-500)) strategy.onBar(parameters, state, bar);
    expect(signals).toEqual(copies);
    for (const signal of signals) {
      expect(signal.target === 0 || signal.target === 1).toBe(true);
      expect(signal.confidence >= 0 && signal.confidence <= 1).toBe(true);
      expect(signal.stopDistance === null || signal.stopDistance > 0).toBe(true);
      expect(signal.reason).toMatch(/^[a-z][a-z-]+$/);
    }
    const entries = signals.filter((signal, i) => signal.target === 1 && signals[i - 1]?.target === 0);
    expect(entries.length).toBeGreaterThan(5);
  });

  test('a snapshot of other parameters or another shape is refused', () => {
    const snapshot = strategy.snapshot(strategy.create(parameters));
    const other = strategy.parameters.parse({ atrPeriod: 21 });
    expect(() => strategy.restore(other, snapshot)).toThrow(SnapshotShapeError);
    expect(() => strategy.restore(parameters, null)).toThrow(SnapshotShapeError);
    expect(() => strategy.restore(parameters, { ...(snapshot as object), bars: null })).toThrow(
      SnapshotShapeError,
    );
  });
});
