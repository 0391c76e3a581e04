import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toBar } from '../bars/index.ts';
import { syntheticCandles } from '../candles/index.ts';
import { STRATEGIES } from './registry.ts';

const BARS = syntheticCandles({
  seed: 'snapshot',
  symbol: 'X',
  interval: '1m',
  from: 0,
  bars: 1_500,
  startPrice: '3.21',
  tickSize: '0.0001',
  zeroVolumeShare: 0.02,
}).map((text) => toBar('X', text));

const PERIODS = fc.record({
  atrPeriod: fc.integer({ min: 2, max: 40 }),
  atrMultiple: fc.double({ min: 0.5, max: 9, noNaN: true }),
});

test.each([...STRATEGIES.values()])('$name goes on exactly from a snapshot at any bar', (strategy) => {
  fc.assert(
    fc.property(PERIODS, fc.integer({ min: 0, max: BARS.length }), (chosen, cut) => {
      const parameters = strategy.parameters.parse(chosen);
      const state = strategy.create(parameters);
      for (const bar of BARS.slice(0, cut)) strategy.onBar(parameters, state, bar);
      const stored = JSON.stringify(strategy.snapshot(state));
      const restored = strategy.restore(parameters, JSON.parse(stored));
      expect(JSON.stringify(strategy.snapshot(restored))).toBe(stored);
      for (const bar of BARS.slice(cut)) {
        const signal = strategy.onBar(parameters, state, bar);
        const again = strategy.onBar(parameters, restored, bar);
        if (signal !== again) expect(again).toEqual(signal);
      }
      expect(JSON.stringify(strategy.snapshot(restored))).toBe(JSON.stringify(strategy.snapshot(state)));
    }),
    { numRuns: 40, seed: 7 },
  );
});
