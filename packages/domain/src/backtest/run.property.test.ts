import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { type CandleColumns, syntheticCandles, toColumns } from '../candles/index.ts';
import { strategiesSchema } from '../strategies/index.ts';
import { type BacktestInput, type BacktestResult, runBacktest } from './run.ts';
import { MINUTE, START, scriptedConfiguration } from './scripted.fixture.ts';

// Whole backtests, several a test: a busy machine may need its time.
vi.setConfig({ testTimeout: 60_000 });

const BARS = 1_000;
const base = scriptedConfiguration({
  symbols: 2,
  portfolio: { volTarget: 2, volWindow: 30, band: 0.02 },
  day: { targetPct: 0.4, targetPolicy: 'flatten', lossCapPct: 0.6 },
});
const configuration = {
  ...base,
  assignments: strategiesSchema.parse({
    interval: '1m',
    strategies: [
      {
        symbol: 'BTCUSDT',
        strategy: 'ema-cross',
        parameters: { fast: 4, slow: 12, atrPeriod: 5, atrMultiple: 3 },
      },
      {
        symbol: 'ETHUSDT',
        strategy: 'bollinger-rsi',
        parameters: { bandPeriod: 15, bandWidth: 1.2, rsiPeriod: 8, rsiLow: 45, rsiHigh: 55, atrPeriod: 5 },
      },
    ],
  }).strategies,
};

/** The hours around a midnight, with gaps and jumps, of each symbol. */
function candles(seed: number): CandleColumns[] {
  return ['BTCUSDT', 'ETHUSDT'].map((symbol) =>
    toColumns(
      symbol,
      MINUTE,
      syntheticCandles({
        ...{ seed, symbol, interval: '1m', from: START + 15 * 60 * MINUTE, bars: BARS, startPrice: '100' },
        ...{ tickSize: '0.01', volatility: 2, gapShare: 0.01, jumpShare: 0.005 },
      }),
    ),
  );
}

/** The bars up to `until` of one, those after it of the other. */
function spliced(first: CandleColumns[], second: CandleColumns[], until: number): CandleColumns[] {
  return first.map((columns, index) => {
    const other = second[index] as CandleColumns;
    const head = columns.openTime.findIndex((time) => time > until);
    const tail = other.openTime.findIndex((time) => time > until);
    const join = (field: 'openTime' | 'open' | 'high' | 'low' | 'close' | 'volume') =>
      Float64Array.of(...columns[field].slice(0, head), ...other[field].slice(tail));
    const openTime = join('openTime');
    return {
      ...{ symbol: columns.symbol, intervalMs: MINUTE, length: openTime.length, openTime },
      ...{
        open: join('open'),
        high: join('high'),
        low: join('low'),
        close: join('close'),
        volume: join('volume'),
      },
    };
  });
}

function run(changes: Partial<BacktestInput> & Pick<BacktestInput, 'candles'>): BacktestResult {
  return runBacktest({
    configuration,
    venue: {
      ...{ makerFeeRate: '0.001', takerFeeRate: '0.001', slippageBps: 3, collar: '0.02' },
      startBalances: { USDT: '10000' },
    },
    record: 'full',
    ...changes,
  });
}

/** All that had happened up to the close of the bar at `until`; orders as they were made, not as they ended. */
function upTo(result: BacktestResult, until: number) {
  const cycles = result.openTimes.findIndex((time) => time > until);
  const openTimeOf = (cycleId: string) => Number(cycleId.split(':').at(-1));
  const made = result.orders.filter(({ cycleId }) => openTimeOf(cycleId) <= until);
  return {
    equity: result.exactEquity.slice(0, cycles),
    fills: result.fills.filter(({ time }) => time <= until + MINUTE / 2),
    denials: result.denials.filter(({ cycleId }) => openTimeOf(cycleId) <= until),
    orders: made
      .filter(({ type }) => type !== 'stop')
      .map(({ cycleId, symbol, purpose, sequence, quantity }) =>
        [cycleId, symbol, purpose, sequence, quantity].join(' '),
      ),
  };
}

const seeds = fc.integer({ min: 1, max: 1_000_000 });
const minute = fc.integer({ min: 60, max: BARS - 60 }).map((bar) => START + (15 * 60 + bar) * MINUTE);

describe('a backtest', () => {
  it('trades in these runs: entries, exits, stops, flattens and denials', () => {
    const results = [1, 2, 3, 4].map((seed) => run({ candles: candles(seed) }));
    const purposes = new Set(results.flatMap(({ orders }) => orders.map(({ purpose }) => purpose)));
    for (const purpose of ['entry', 'exit', 'stop', 'flatten'] as const) expect(purposes).toContain(purpose);
    expect(results.every(({ fills, denials }) => fills.length > 20 && denials.length > 0)).toBe(true);
  });

  it('gives the same again, and the same orders and fills when it writes less down', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const full = run({ candles: candles(seed) });
        expect(run({ candles: candles(seed) })).toEqual(full);
        const fast = run({ candles: candles(seed), record: 'fast' });
        expect({ ...fast, exactEquity: full.exactEquity }).toEqual(full);
      }),
      { numRuns: 4 },
    );
  });

  it('never looks ahead: other bars after t change nothing up to t', () => {
    fc.assert(
      fc.property(seeds, seeds, minute, (seed, other, until) => {
        const one = candles(seed);
        const two = spliced(one, candles(other), until);
        expect(upTo(run({ candles: two }), until)).toEqual(upTo(run({ candles: one }), until));
      }),
      { numRuns: 6 },
    );
  });

  it('of a part is the beginning of that of the whole', () => {
    fc.assert(
      fc.property(seeds, minute, (seed, until) => {
        const whole = candles(seed);
        const part = run({ candles: whole, to: until + MINUTE });
        const cut = upTo(run({ candles: whole }), until);
        expect(part.exactEquity).toEqual(cut.equity);
        expect(part.fills).toEqual(cut.fills);
      }),
      { numRuns: 6 },
    );
  });

  it('ends with the books of the venue: balances, and equity as cash and coins at the last closes', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const all = candles(seed);
        const result = run({ candles: all });
        const held = (asset: string) =>
          Number(result.balances[asset]?.free ?? 0) + Number(result.balances[asset]?.locked ?? 0);
        const close = (index: number) => all[index]?.close.at(-1) ?? Number.NaN;
        const equity = held('USDT') + held('BTC') * close(0) + held('ETH') * close(1);
        expect(result.endEquity).toBeCloseTo(equity, 6);
        expect(Number(result.exactEquity.at(-1))).toBeCloseTo(equity, 6);
      }),
      { numRuns: 5 },
    );
  });
});
