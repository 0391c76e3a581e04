import { describe, expect, it } from 'vitest';
import { decimal } from '../money/index.ts';
import { observeRiskBar } from './bookings.ts';
import type { GateContext, Proposal } from './check.ts';
import { RISK_CODE_NAMES, RISK_CODES, type RiskCodeName } from './codes.ts';
import { buy, context, healthy, NOW, sell } from './gate.fixture.ts';
import { denialText, judge, record } from './gate.ts';
import { DECISIONS_MAX, type RiskState, setRiskBalance } from './state.ts';

interface Case {
  readonly code: RiskCodeName;
  readonly why: string;
  /** Brings the healthy state to the edge; `fires` is one step beyond it. */
  readonly fires: () => { state: RiskState; proposal: Proposal; context?: GateContext };
  readonly passes: () => { state: RiskState; proposal: Proposal; context?: GateContext };
}

const trading = (state: RiskState, changes: Partial<NonNullable<RiskState['trading']>>): RiskState => {
  state.trading = { ...(state.trading as NonNullable<RiskState['trading']>), ...changes };
  return state;
};
const holding = (quantity: number, state = healthy()): RiskState => {
  setRiskBalance(state, 'BTC', decimal(quantity));
  state.held[0] = { stop: 99 };
  return state;
};
const holdingEth = (quantity: number): RiskState => {
  const state = healthy();
  setRiskBalance(state, 'ETH', decimal(quantity));
  state.held[1] = { stop: 100 };
  return state;
};
const fine = () => ({ state: healthy(), proposal: buy() });

/** In the order of the gate: for each code one order that it stops and one that differs in one thing and passes. */
const CASES: readonly Case[] = [
  {
    code: 'DUPLICATE_PROPOSAL',
    why: 'as old as decisions that are no longer kept',
    fires: () => ({ state: Object.assign(healthy(), { forgottenUntil: NOW }), proposal: buy() }),
    passes: () => ({ state: Object.assign(healthy(), { forgottenUntil: NOW - 1 }), proposal: buy() }),
  },
  {
    code: 'PROPOSAL_CONFLICT',
    why: 'the id was used for another order',
    fires: () => {
      const state = healthy();
      record(state, buy(), judge(state, buy(), context()));
      return { state, proposal: buy({ quantity: '11' }) };
    },
    passes: () => {
      const state = healthy();
      record(state, buy(), judge(state, buy(), context()));
      return { state, proposal: buy() };
    },
  },
  {
    code: 'PROPOSAL_EXPIRED',
    why: 'older than it is valid',
    fires: () => ({ state: healthy(), proposal: buy({ decidedAt: NOW - 60_001 }) }),
    passes: () => ({ state: healthy(), proposal: buy({ decidedAt: NOW - 60_000 }) }),
  },
  {
    code: 'PROPOSAL_EXPIRED',
    why: 'what it names did not come in time',
    fires: () => ({ ...fine(), context: context({ joinExpired: true }) }),
    passes: fine,
  },
  {
    code: 'TRADING_HALTED',
    why: 'halted, also for a sell',
    fires: () => ({ state: trading(holding(5), { mode: 'HALTED', reason: 'ADMIN' }), proposal: sell() }),
    passes: () => ({ state: holding(5), proposal: sell() }),
  },
  {
    code: 'TRADING_HALTED',
    why: 'flattening, and a sell without its flatten id',
    fires: () => ({
      state: trading(holding(5), { mode: 'REDUCING', reason: 'FLATTENING', flattenId: 'f1' }),
      proposal: sell({ flattenId: 'f2' }),
    }),
    passes: () => ({
      state: trading(holding(5), { mode: 'REDUCING', reason: 'FLATTENING', flattenId: 'f1' }),
      proposal: sell({ flattenId: 'f1' }),
    }),
  },
  {
    code: 'TRADING_HALTED',
    why: 'the state is unknown',
    fires: () => {
      const state = healthy();
      state.trading = null;
      return { state, proposal: buy() };
    },
    passes: fine,
  },
  {
    code: 'TRADING_REDUCING',
    why: 'reducing and a buy',
    fires: () => ({ state: trading(holding(5), { mode: 'REDUCING', reason: 'ADMIN' }), proposal: buy() }),
    passes: () => ({ state: trading(holding(5), { mode: 'REDUCING', reason: 'ADMIN' }), proposal: sell() }),
  },
  {
    code: 'TRADING_REDUCING',
    why: 'a sell through zero',
    fires: () => ({
      state: trading(holding(5), { mode: 'REDUCING', reason: 'ADMIN' }),
      proposal: sell({ quantity: '5.00001' }),
    }),
    passes: () => ({
      state: trading(holding(5), { mode: 'REDUCING', reason: 'ADMIN' }),
      proposal: sell({ quantity: '5' }),
    }),
  },
  {
    code: 'TRADING_REDUCING',
    why: 'reducing from flat: everything',
    fires: () => ({ state: trading(healthy(), { mode: 'REDUCING', reason: 'ADMIN' }), proposal: sell() }),
    passes: () => ({ state: trading(holding(1), { mode: 'REDUCING', reason: 'ADMIN' }), proposal: sell() }),
  },
  {
    code: 'SYMBOL_UNKNOWN',
    why: 'no instrument',
    fires: () => ({ state: healthy(), proposal: buy({ symbol: 'ADAUSDT' }) }),
    passes: fine,
  },
  {
    code: 'SYMBOL_NOT_ALLOWED',
    why: 'not on the list',
    fires: () => ({ state: healthy({ allowedSymbols: ['ETHUSDT'] }), proposal: buy() }),
    passes: fine,
  },
  {
    code: 'SYMBOL_FROZEN',
    why: 'an UNKNOWN order is open on it',
    fires: () => {
      const state = healthy();
      state.frozen.set('BTCUSDT', 'an order is UNKNOWN');
      return { state, proposal: buy() };
    },
    passes: () => {
      const state = healthy();
      state.frozen.set('ETHUSDT', 'an order is UNKNOWN');
      return { state, proposal: buy() };
    },
  },
  {
    code: 'OUTSIDE_TRADING_WINDOW',
    why: 'the window has closed',
    fires: () => ({
      state: healthy({ tradingWindows: [{ days: [4], from: '08:00', to: '12:00' }] }),
      proposal: buy(),
    }),
    passes: () => ({
      state: healthy({ tradingWindows: [{ days: [4], from: '08:00', to: '12:01' }] }),
      proposal: buy(),
    }),
  },
  {
    code: 'OUTSIDE_TRADING_WINDOW',
    why: 'a blackout date, but not for a sell',
    fires: () => ({ state: healthy({ blackoutDates: ['2024-08-01'] }), proposal: buy() }),
    passes: () => ({ state: holding(5, healthy({ blackoutDates: ['2024-08-01'] })), proposal: sell() }),
  },
  {
    code: 'MARKET_DATA_STALE',
    why: 'the last bar is too old, also for a sell',
    fires: () => ({
      state: holding(5),
      proposal: sell({ decidedAt: NOW + 180_001 }),
      context: context({ market: NOW + 180_001 }),
    }),
    passes: () => ({
      state: holding(5),
      proposal: sell({ decidedAt: NOW + 180_000 }),
      context: context({ market: NOW + 180_000 }),
    }),
  },
  {
    code: 'MARKET_DATA_STALE',
    why: 'no bar at all',
    fires: () => {
      const state = healthy();
      state.closeTimes[0] = -1;
      return { state, proposal: buy() };
    },
    passes: fine,
  },
  {
    code: 'MARKET_DATA_IMPLAUSIBLE',
    why: 'a bar after a gap, only for what raises exposure',
    fires: () => ({
      state: withGap(healthy()),
      proposal: buy({ decidedAt: NOW + 120_000 }),
      context: context({ market: NOW + 120_000 }),
    }),
    passes: () => ({
      state: withGap(holding(5)),
      proposal: sell({ decidedAt: NOW + 120_000 }),
      context: context({ market: NOW + 120_000 }),
    }),
  },
  {
    code: 'PRICE_PRECISION',
    why: 'a limit off the tick',
    fires: () => ({ state: healthy(), proposal: buy({ type: 'limit', limitPrice: '100.001' }) }),
    passes: () => ({ state: healthy(), proposal: buy({ type: 'limit', limitPrice: '100.01' }) }),
  },
  {
    code: 'QUANTITY_PRECISION',
    why: 'off the lot',
    fires: () => ({ state: healthy(), proposal: buy({ quantity: '1.000001' }) }),
    passes: () => ({ state: healthy(), proposal: buy({ quantity: '1.00001' }) }),
  },
  {
    code: 'QUANTITY_BELOW_MINIMUM',
    why: 'below the smallest quantity',
    fires: () => ({ state: healthy(), proposal: buy({ symbol: 'ETHUSDT', quantity: '0' }) }),
    passes: () => ({ state: healthy(), proposal: buy({ symbol: 'ETHUSDT', quantity: '0.05' }) }),
  },
  {
    code: 'QUANTITY_ABOVE_MAXIMUM',
    why: 'above the largest quantity',
    fires: () => ({ state: holding(9_001), proposal: sell({ quantity: '9000.00001' }) }),
    passes: () => ({ state: holding(9_001), proposal: sell({ quantity: '9000' }) }),
  },
  {
    code: 'NOTIONAL_BELOW_MINIMUM',
    why: 'below the smallest value',
    fires: () => ({ state: healthy(), proposal: buy({ quantity: '0.04999' }) }),
    passes: () => ({ state: healthy(), proposal: buy({ quantity: '0.05' }) }),
  },
  {
    code: 'ORDER_NOTIONAL_ABOVE_LIMIT',
    why: 'the limit leaves no order that the venue takes',
    fires: () => ({ state: healthy({ orderNotionalMax: 4 }), proposal: buy({ quantity: '0.06' }) }),
    passes: () => ({ state: healthy({ orderNotionalMax: 6 }), proposal: buy({ quantity: '0.06' }) }),
  },
  {
    code: 'POSITION_ABOVE_LIMIT',
    why: 'the position is full already',
    fires: () => ({ state: holding(60), proposal: buy({ quantity: '1' }) }),
    passes: () => ({ state: holding(59), proposal: buy({ quantity: '1' }) }),
  },
  {
    code: 'BALANCE_INSUFFICIENT',
    why: 'no free quote for a buy',
    fires: () => {
      const state = holdingEth(20);
      setRiskBalance(state, 'USDT', decimal(1));
      state.day = { day: '2024-08-01', openingEquityMark: 2_001, netDeposits: 0 };
      return { state, proposal: buy({ quantity: '0.05' }) };
    },
    passes: () => {
      const state = holdingEth(20);
      setRiskBalance(state, 'USDT', decimal(6));
      state.day = { day: '2024-08-01', openingEquityMark: 2_006, netDeposits: 0 };
      return { state, proposal: buy({ quantity: '0.05' }) };
    },
  },
  {
    code: 'BALANCE_INSUFFICIENT',
    why: 'nothing to sell',
    fires: () => ({ state: healthy(), proposal: sell() }),
    passes: () => ({ state: holding(1), proposal: sell() }),
  },
  {
    code: 'DAILY_LOSS_CAP',
    why: 'the loss is at the cap',
    fires: () => {
      const state = healthy();
      setRiskBalance(state, 'USDT', decimal(9_800));
      return { state, proposal: buy({ quantity: '0.1' }) };
    },
    passes: () => {
      const state = healthy();
      setRiskBalance(state, 'USDT', decimal(9_801));
      return { state, proposal: buy({ quantity: '0.1' }) };
    },
  },
  {
    code: 'DAILY_TARGET_LOCKED',
    why: 'the target of the day is latched, whoever unhalted',
    fires: () => {
      const state = healthy();
      state.targetLockedDay = '2024-08-01';
      return { state, proposal: buy() };
    },
    passes: () => {
      const state = healthy();
      state.targetLockedDay = '2024-07-31';
      return { state, proposal: buy() };
    },
  },
];

/** A bar two intervals after the last one: the venue stood still. */
function withGap(state: RiskState): RiskState {
  observeRiskBar(state, 0, {
    symbol: 'BTCUSDT',
    openTime: NOW + 60_000,
    open: 100,
    high: 101,
    low: 99,
    close: 100,
    volume: 1,
  });
  return state;
}

describe('the gate, code by code', () => {
  it.each(CASES)('$code: $why', ({ code, fires, passes }) => {
    const bad = fires();
    const denial = judge(bad.state, bad.proposal, bad.context ?? context());
    expect(denial.kind === 'denied' ? denial.code : denial).toBe(code);
    const good = passes();
    expect(judge(good.state, good.proposal, good.context ?? context()).kind).toBe('approved');
  });

  it('has a case for every code', () => {
    const covered = new Set<string>(CASES.map((row) => row.code));
    expect([...RISK_CODE_NAMES].filter((code) => !covered.has(code))).toEqual([]);
  });

  it('documents every code once, in the order of the checks', () => {
    expect(RISK_CODES.map((row) => row.code)).toEqual([...RISK_CODE_NAMES]);
    const orders = RISK_CODES.map((row) => row.order);
    expect(orders).toEqual([...orders].sort((a, b) => a - b));
  });
});

describe('what comes first', () => {
  it('names the earlier of two breaches', () => {
    const state = trading(healthy(), { mode: 'HALTED', reason: 'ADMIN' });
    const verdict = judge(state, buy({ quantity: '0.000001' }), context());
    expect(verdict).toMatchObject({ kind: 'denied', code: 'TRADING_HALTED' });
  });

  it('refuses an unknown account', () => {
    const state = healthy();
    state.cash = Number.NaN;
    expect(judge(state, buy(), context())).toMatchObject({ kind: 'denied', figures: { missing: 'equity' } });
  });

  it('refuses an order before the day is known', () => {
    const state = healthy();
    state.day = null;
    expect(judge(state, buy(), context())).toMatchObject({
      kind: 'denied',
      code: 'DAILY_LOSS_CAP',
      figures: { missing: 'trading day' },
    });
  });
});

describe('a repeated proposal', () => {
  it('gets its first answer, whatever has changed since, and reserves once', () => {
    const state = healthy();
    const first = judge(state, buy(), context());
    record(state, buy(), first);
    trading(state, { mode: 'HALTED', reason: 'ADMIN' });
    const again = judge(state, buy(), context());
    record(state, buy(), again);
    expect(again).toEqual(first);
    expect(state.reservations.size).toBe(1);
  });
});

it('keeps the newest decisions, and knows how old those are that it forgot', () => {
  const state = healthy();
  const denial = { kind: 'denied', code: 'TRADING_HALTED', figures: {} } as const;
  for (let i = 0; i <= DECISIONS_MAX; i += 1)
    record(state, buy({ proposalId: String(i), decidedAt: NOW + i }), denial);
  expect([state.decisions.size, state.forgottenUntil]).toEqual([DECISIONS_MAX, NOW]);
});

describe('shrinking', () => {
  it.each([
    { limit: 'ORDER_NOTIONAL_ABOVE_LIMIT', changes: { orderNotionalMax: 555.555 }, quantity: '5.55555' },
    { limit: 'POSITION_ABOVE_LIMIT', changes: { positionNotionalMax: 777 }, quantity: '7.77' },
    { limit: 'POSITION_ABOVE_LIMIT', changes: { positionShareMax: 0.05 }, quantity: '5' },
  ])('$limit leaves $quantity', ({ limit, changes, quantity }) => {
    const verdict = judge(healthy(changes), buy(), context());
    expect(verdict).toMatchObject({ kind: 'approved', shrunkBy: limit, quantity });
  });

  it('to what the loss cap leaves: 200 less what is at risk', () => {
    const verdict = judge(healthy(), buy({ quantity: '40' }), context());
    // One unit risks 5 × 1.2 + 100 × 0.002 = 6.2 to its stop.
    expect(verdict).toMatchObject({ kind: 'approved', shrunkBy: 'DAILY_LOSS_CAP', quantity: '32.25806' });
  });

  it('to what free quote pays, collar and fee on top', () => {
    const state = healthy();
    setRiskBalance(state, 'USDT', decimal(9_900));
    const one = buy({ quantity: '50', stopDistance: '1' });
    record(state, one, judge(state, one, context()));
    const verdict = judge(
      state,
      buy({ proposalId: 'b'.repeat(64), symbol: 'ETHUSDT', quantity: '49', stopDistance: '0.1' }),
      context(),
    );
    // 9,900 − 50 × 100 × 1.02 × 1.001 = 4,794.9 for units of 102.102.
    expect(verdict).toMatchObject({
      kind: 'approved',
      shrunkBy: 'BALANCE_INSUFFICIENT',
      quantity: '46.9618',
    });
  });

  it('does not hide what denies whatever the size', () => {
    const state = healthy({ orderNotionalMax: 500 });
    state.targetLockedDay = '2024-08-01';
    expect(judge(state, buy(), context())).toMatchObject({ kind: 'denied', code: 'DAILY_TARGET_LOCKED' });
    const small = judge(healthy({ orderNotionalMax: 4 }), buy(), context());
    expect(small).toMatchObject({ kind: 'denied', code: 'ORDER_NOTIONAL_ABOVE_LIMIT' });
  });

  it('an order without a stop counts as lost whole', () => {
    const verdict = judge(healthy(), buy({ stopDistance: null }), context());
    expect(verdict).toMatchObject({ kind: 'approved', shrunkBy: 'DAILY_LOSS_CAP', quantity: '2' });
  });
});

it('writes a denial as code and figures', () => {
  expect(denialText('PROPOSAL_EXPIRED', { ageMs: 61_000, validForMs: 60_000 })).toBe(
    'PROPOSAL_EXPIRED ageMs=61000 validForMs=60000',
  );
});
