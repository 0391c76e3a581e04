import { describe, expect, it } from 'vitest';
import { decimal } from '../money/index.ts';
import { startWorking } from './bars.ts';
import {
  flattenOrders,
  type PlanSignal,
  planCycle,
  planOrders,
  type SkippedSymbol,
  targetWeight,
} from './plan.ts';
import { ACTIVE, funded } from './portfolio.fixture.ts';
import { type PortfolioState, setBalance } from './state.ts';

const signal = (changes: Partial<PlanSignal> = {}): PlanSignal => ({
  target: 1,
  stopDistance: 5,
  confidence: 1,
  reason: 'test',
  ...changes,
});
const FLAT = signal({ target: 0, stopDistance: null });

/** Skip code or order, as one line. */
function planOne(state: PortfolioState, one: PlanSignal | null): string {
  let skipped: SkippedSymbol['code'] | null = null;
  const orders = planOrders(state, [one, FLAT], (symbol, code) => {
    if (symbol === 'BTCUSDT') skipped = code;
  });
  const order = orders.find((o) => o.symbol === 'BTCUSDT');
  return order === undefined ? String(skipped) : `${order.purpose} ${order.side} ${order.quantity}`;
}

/** `weight` of 10,000 in BTC at 100. */
function holding(weight: number, state = funded()): PortfolioState {
  setBalance(state, 'USDT', decimal(10_000 * (1 - weight)));
  setBalance(state, 'BTC', decimal(100 * weight));
  return state;
}

describe('weights', () => {
  it('are the volatility target over the volatility, at most the cap', () => {
    const calm = funded();
    expect(targetWeight(calm, 0, 1)).toBe(0.4);
    const wild = funded({ volTarget: 0.01 });
    const deviation = wild.windows[0]?.deviation() ?? 0;
    expect(targetWeight(wild, 0, 1)).toBeCloseTo(0.01 / (deviation * Math.sqrt(525_600)), 12);
    expect(targetWeight(wild, 0, 0.5)).toBeCloseTo(targetWeight(wild, 0, 1) / 2, 12);
  });

  it('are 0 while the volatility is unknown', () => {
    const state = funded({ volWindow: 12 });
    expect(targetWeight(state, 0, 1)).toBe(0);
    expect(planOne(state, signal())).toBe('VOLATILITY_UNKNOWN');
  });

  it('have a cap of their own where one is given', () => {
    expect(targetWeight(funded({ symbolCaps: { BTCUSDT: 0.1 } }), 0, 1)).toBe(0.1);
  });

  it('share the cap of a group with what the others hold', () => {
    const state = funded({ groups: [{ symbols: ['BTCUSDT', 'ETHUSDT'], cap: 0.5 }] });
    setBalance(state, 'USDT', decimal(7_000));
    setBalance(state, 'ETH', decimal(30));
    // 0.5 − 0.3 held elsewhere, to the near edge of the band: 0.15 × 10,000 / 100.
    expect(planOne(state, signal())).toBe('entry buy 15');
  });

  it('share the cap of a group also with what the same plan buys, and with buys on their way', () => {
    const groups = [{ symbols: ['BTCUSDT', 'ETHUSDT'], cap: 0.5 }];
    const both = planOrders(funded({ groups }), [signal(), signal()]);
    // BTC takes 0.35 of the group's 0.5; ETH has 0.15 left, to the near edge 0.1 of 10,000 at 100.
    expect(both.map((o) => `${o.symbol} ${o.quantity}`)).toEqual(['BTCUSDT 35', 'ETHUSDT 10']);
    const waiting = funded({ groups });
    startWorking(waiting, 'p', { index: 1, side: 'buy', quantity: 30 });
    expect(planOne(waiting, signal())).toBe('entry buy 15');
  });

  it('of a group that others fill leave nothing: what is held above the band is sold', () => {
    const state = funded({ groups: [{ symbols: ['BTCUSDT', 'ETHUSDT'], cap: 0.3 }] });
    setBalance(state, 'USDT', decimal(5_000));
    setBalance(state, 'ETH', decimal(30));
    setBalance(state, 'BTC', decimal(20));
    expect(planOne(state, signal())).toBe('reduce sell 15');
  });
});

describe('a symbol', () => {
  it.each([
    {
      what: 'enters to the near edge of the band',
      state: () => funded(),
      signal: signal(),
      gives: 'entry buy 35',
    },
    { what: 'adds to the near edge', state: () => holding(0.3), signal: signal(), gives: 'rebalance buy 5' },
    { what: 'stays within the band', state: () => holding(0.351), signal: signal(), gives: 'WITHIN_BAND' },
    {
      what: 'stays within the band above',
      state: () => holding(0.449),
      signal: signal(),
      gives: 'WITHIN_BAND',
    },
    {
      what: 'reduces to the near edge, rounded down to the lot',
      state: () => holding(0.5),
      signal: signal(),
      gives: 'reduce sell 4.99999',
    },
    {
      what: 'exits whole, whatever the band',
      state: () => holding(0.02),
      signal: FLAT,
      gives: 'exit sell 2',
    },
    { what: 'is flat with dust', state: () => holding(0.0004), signal: FLAT, gives: 'FLAT' },
    { what: 'without a bar has no signal', state: () => holding(0.5), signal: null, gives: 'NO_SIGNAL' },
    {
      what: 'is not entered when its stop leaves too little',
      state: () => funded({ symbolCap: 0.052, band: 0.05 }),
      signal: signal({ stopDistance: 70 }),
      gives: 'ENTRY_TOO_SMALL',
    },
  ])('$what: $gives', ({ state, signal: one, gives }) => {
    expect(planOne(state(), one)).toBe(gives);
  });

  it('with an order on its way takes no other', () => {
    const state = funded();
    startWorking(state, 'p', { index: 0, side: 'buy', quantity: 1 });
    expect(planOne(state, signal())).toBe('ORDER_WORKING');
  });

  it('stopped out waits until the signal has been 0 once', () => {
    const state = funded();
    state.blocked[0] = 1;
    expect(planOne(state, signal())).toBe('STOPPED_OUT');
    expect(planOne(state, FLAT)).toBe('FLAT');
    expect(planOne(state, signal())).toBe('entry buy 35');
  });

  it('stopped out sells what is held all the same', () => {
    const state = holding(0.1);
    state.blocked[0] = 1;
    expect(planOne(state, signal())).toBe('exit sell 10');
  });

  it.each([
    { mode: 'HALTED', signal: FLAT, gives: 'TRADING_HALTED' },
    { mode: 'REDUCING', signal: signal(), gives: 'TRADING_REDUCING' },
    { mode: 'REDUCING', signal: FLAT, gives: 'exit sell 20' },
  ] as const)('under $mode proposes only what may pass: $gives', ({ mode, signal: one, gives }) => {
    const state = holding(0.2);
    state.trading = { ...ACTIVE, mode };
    expect(planOne(state, one)).toBe(gives);
  });
});

it('sells come before buys, symbols in configured order', () => {
  const state = funded();
  setBalance(state, 'USDT', decimal(8_000));
  setBalance(state, 'ETH', decimal(20));
  expect(planOrders(state, [signal(), FLAT]).map((o) => `${o.side} ${o.symbol}`)).toEqual([
    'sell ETHUSDT',
    'buy BTCUSDT',
  ]);
});

it('rounds the stop away from the price, to the tick', () => {
  expect(planOrders(funded(), [signal({ stopDistance: 1.234_1 }), FLAT])[0]?.stopDistance).toBe('1.24');
});

describe('a flatten', () => {
  it('sells all that can be sold and leaves out what a sell is on its way for', () => {
    const state = holding(0.3);
    setBalance(state, 'ETH', decimal('12.34567'));
    startWorking(state, 'p', { index: 0, side: 'sell', quantity: 1 });
    expect(flattenOrders(state, 'flatten').map((o) => `${o.symbol} ${o.quantity}`)).toEqual([
      'ETHUSDT 12.3456',
    ]);
  });

  it('replaces the plan while the fleet flattens', () => {
    const state = holding(0.3);
    state.trading = { ...ACTIVE, mode: 'REDUCING', reason: 'FLATTENING', flattenId: 'f' };
    expect(planCycle(state, [signal(), signal()]).map((o) => o.purpose)).toEqual(['flatten']);
  });

  it('forgets a stop-out when the signal is 0 meanwhile', () => {
    const state = holding(0.3);
    state.trading = { ...ACTIVE, mode: 'REDUCING', reason: 'FLATTENING', flattenId: 'f' };
    state.blocked.fill(1);
    planCycle(state, [FLAT, signal()]);
    expect([...state.blocked]).toEqual([0, 1]);
  });
});
