import { BOTH, inputOf, MINUTE, START } from '@fleet/testkit/account-events';
import { describe, expect, it } from 'vitest';
import {
  bar,
  barSet,
  cashMoved,
  configuration,
  dayOpened,
  decide,
  denied,
  ended,
  fed,
  feed,
  fill,
  flatten,
  live,
  plan,
  proposals,
  RUN,
  reconciled,
  signal,
  snapshot,
  tradingState,
} from '../../test/inputs.ts';
import { REBALANCE } from './processor.ts';
import { createState, type PlanningState } from './state.ts';

/** 10,000 USDT, eleven calm bars up to 100, the day open, trading active; `exec.status` stands at 1. */
function ready(balances?: Record<string, string>): PlanningState {
  const state = createState(RUN, configuration);
  feed(state, tradingState(1), dayOpened(), snapshot(1, balances));
  for (let i = 0; i <= 10; i += 1)
    feed(state, ...barSet(at(i), 0, i === 10 ? '100' : String(100 + (i % 2) * 0.01)));
  return state;
}

const at = (minute: number): number => START + minute * MINUTE;

describe('a bar set', () => {
  it('is planned when its last signal has come, in whatever order', () => {
    const orders = [
      [0, 1, 2, 3],
      [3, 2, 1, 0],
      [2, 0, 3, 1],
    ];
    const plans = orders.map((order) => {
      const state = ready();
      const set = barSet(at(11), 1);
      const waiting = order.map((index) => set[index]).filter((event) => event !== undefined);
      const said: ReturnType<typeof feed>[number][] = [];
      for (let next = 0; waiting.length > 0; next = (next + 1) % Math.max(1, waiting.length)) {
        const event = waiting[next];
        // A signal whose bars are still to come waits on its own stream, and changes nothing.
        const decided = event === undefined ? null : decide(state, event);
        if (decided?.kind !== 'done') continue;
        said.push(...(decided.events ?? []));
        waiting.splice(next, 1);
      }
      return plan(said);
    });
    expect(plans[0]).toEqual(['entry buy 35 BTCUSDT', 'entry buy 35 ETHUSDT']);
    expect(plans).toEqual([plans[0], plans[0], plans[0]]);
  });

  it.each([
    { what: 'the day', before: [tradingState(1), snapshot(1)], waits: 'trading day 2024-08-05' },
    { what: 'the trading state', before: [dayOpened(), snapshot(1)], waits: 'trading state' },
  ])('waits for $what', ({ before, waits }) => {
    const state = createState(RUN, configuration);
    const [one, two, first, last] = barSet(START, 0);
    feed(state, ...before, ...[one, two, first].filter((event) => event !== undefined));
    expect(last === undefined ? null : decide(state, last)).toEqual({ kind: 'wait', for: waits });
    expect(state.plannedSet).toBe(-1);
  });

  it('waits for its bars, and bars for the account', () => {
    const state = createState(RUN, configuration);
    expect(decide(state, bar(START, 'BTCUSDT'))).toEqual({ kind: 'wait', for: 'account.snapshot' });
    feed(state, tradingState(1), dayOpened(), snapshot(1), signal(START, 'BTCUSDT', 0));
    expect(decide(state, signal(START, 'ETHUSDT', 0))).toEqual({
      kind: 'wait',
      for: 'bars of 2024-08-05T00:00:00.000Z',
    });
  });

  it('of a new day is not planned under the state of the old one', () => {
    const state = ready();
    feed(state, tradingState(2, { mode: 'REDUCING', reason: 'DAILY_TARGET', day: '2024-08-05' }));
    const midnight = START + 86_400_000;
    const set = barSet(midnight, 1);
    feed(state, ...set.slice(0, 3));
    const last = set[3] as (typeof set)[number];
    expect(decide(state, last)).toEqual({ kind: 'wait', for: 'trading day 2024-08-06' });
    // The orchestrator says the state before the day, on one stream.
    feed(state, tradingState(3, { reason: 'NEW_DAY' }));
    expect(decide(state, last).kind).toBe('wait');
    feed(state, dayOpened('2024-08-06'));
    expect(proposals(feed(state, last)).map(({ day, stateEpoch }) => [day, stateEpoch])).toEqual([
      ['2024-08-06', 3],
      ['2024-08-06', 3],
    ]);
  });

  it('of a day that ended while this service was behind is planned all the same', () => {
    const state = ready();
    feed(state, tradingState(2), dayOpened('2024-08-06'));
    const said = feed(state, ...barSet(at(11), 1));
    expect(proposals(said)[0]?.day).toBe('2024-08-06');
    expect(said.find(({ type }) => type === 'cycle.planned')?.data).toMatchObject({ day: '2024-08-05' });
  });

  it('without a symbol plans the others, which keep their marks', () => {
    const state = ready();
    const set = ['BTCUSDT'];
    const said = feed(state, bar(at(11), 'BTCUSDT', '101', set), signal(at(11), 'BTCUSDT', 1, set));
    expect(plan(said)).toEqual(['entry buy 34.65346 BTCUSDT', 'ETHUSDT NO_SIGNAL']);
    expect([...state.portfolio.closes]).toEqual([101, 100]);
  });

  it('that was planned takes nothing more, and leaves no earlier one behind', () => {
    const state = ready();
    feed(state, bar(at(11), 'BTCUSDT'), ...barSet(at(12), 1));
    expect(state.openSets.size).toBe(0);
    expect(feed(state, ...barSet(at(11), 1))).toEqual([]);
    expect(state.portfolio.windows[0]?.count).toBe(12);
  });

  it('the first gives the opening mark at its opens, whole before any plan', () => {
    const state = createState(RUN, configuration);
    feed(state, tradingState(1), dayOpened(), snapshot(1, { USDT: '1000', BTC: '2' }));
    const said = feed(state, ...BOTH.map((symbol) => bar(START, symbol, '110')));
    expect(said.map(({ type, data }) => [type, (data as { kind: string; equity: string }).equity])).toEqual([
      ['equity.marked', '1220'],
    ]);
    expect(state.portfolio.positions[0]?.cost.toFixed()).toBe('220');
  });
});

describe('a proposal on its way', () => {
  const entry = (state: PlanningState) => {
    const order = proposals(feed(state, ...barSet(at(11), 1)))[0];
    if (order === undefined) throw new Error('nothing was proposed');
    return order;
  };

  it.each(['denied', 'canceled', 'expired', 'rejected', 'filled'] as const)('%s frees its symbol', (how) => {
    const state = ready();
    const order = entry(state);
    expect(plan(feed(state, ...barSet(at(12), 1)))).toEqual([
      'BTCUSDT ORDER_WORKING',
      'ETHUSDT ORDER_WORKING',
    ]);
    const whole = { quantity: '35', price: '100', filledQuantity: '35', complete: true };
    const end =
      how === 'denied' ? denied(order) : how === 'filled' ? fill(2, order, whole) : ended(2, order, how);
    feed(state, end);
    expect(state.portfolio.workingBySymbol[0]).toBe(0);
  });

  it('lives on when another order under its id is denied', () => {
    const state = ready();
    const order = entry(state);
    feed(state, denied(order, 'PROPOSAL_CONFLICT'));
    expect(state.portfolio.workingBySymbol[0]).toBe(1);
  });

  it('canceled half filled keeps what it bought; a late fill is booked', () => {
    const state = ready();
    const order = entry(state);
    feed(
      state,
      fill(2, order, { quantity: '10', price: '100', filledQuantity: '10', complete: false }),
      ended(3, order, 'canceled'),
      fill(4, order, { quantity: '1', price: '100', filledQuantity: '11', complete: false }),
    );
    expect([state.portfolio.quantities[0], state.portfolio.cash]).toEqual([11, 8_900]);
  });
});

describe('bookings', () => {
  it('come in sequence: a repeated one changes nothing, a gap is an error', () => {
    const state = ready();
    const deposit = cashMoved(2, 'USDT', '5');
    feed(state, deposit, deposit);
    expect(state.portfolio.cash).toBe(10_005);
    expect(() => decide(state, reconciled(4))).toThrow('jumps from 2 to 4');
  });

  it('balance in each asset, and positions and balances follow from them', () => {
    const state = ready({ USDT: '10000', BNB: '2' });
    const order = proposals(feed(state, ...barSet(at(11), 1)))[0];
    if (order === undefined) throw new Error('nothing was proposed');
    feed(
      state,
      fill(2, order, {
        quantity: '10',
        price: '100',
        filledQuantity: '10',
        complete: false,
        fee: '0.01',
        feeAsset: 'BNB',
      }),
      fill(3, order, {
        quantity: '25',
        price: '101',
        filledQuantity: '35',
        complete: true,
        fee: '0.02',
        feeAsset: 'BTC',
      }),
      cashMoved(4, 'BTC', '-1'),
    );
    const sums = new Map<string, number>();
    const wallet = new Map<string, number>();
    for (const row of state.changes.postings) {
      const { entry, account, asset, amount } = row as {
        entry: number;
        account: string;
        asset: string;
        amount: string;
      };
      sums.set(`${entry} ${asset}`, (sums.get(`${entry} ${asset}`) ?? 0) + Number(amount));
      if (account === 'wallet') wallet.set(asset, (wallet.get(asset) ?? 0) + Number(amount));
    }
    for (const sum of sums.values()) expect(sum).toBeCloseTo(0, 12);
    for (const [asset, amount] of state.portfolio.balances)
      expect(wallet.get(asset)).toBeCloseTo(amount.toNumber(), 9);
    expect(state.portfolio.quantities[0]).toBeCloseTo(33.98, 9);
  });
});

describe('a flatten', () => {
  it('waits for its state, sells all, and again each bar until it is sold', () => {
    const state = ready();
    feed(state, cashMoved(2, 'BTC', '35'));
    expect(decide(state, flatten('f', 2))).toEqual({ kind: 'wait', for: 'trading state 2' });
    feed(state, tradingState(2, { mode: 'REDUCING', reason: 'FLATTENING', flattenId: 'f' }));
    const sold = feed(state, flatten('f', 2));
    expect(plan(sold)).toEqual(['flatten sell 35 BTCUSDT']);
    expect(proposals(sold)[0]).toMatchObject({
      cycleId: 'f',
      flattenId: 'f',
      stateEpoch: 2,
      decidedAt: at(11),
    });
    feed(state, ...proposals(sold).map((order) => denied(order)));
    const again = proposals(feed(state, ...barSet(at(11), 1)));
    expect(again.map(({ cycleId, flattenId }) => [cycleId, flattenId])).toEqual([[`1m:${at(11)}`, 'f']]);
  });

  it('before the first bar set sells nothing and says so', () => {
    const state = createState(RUN, configuration);
    feed(state, tradingState(1, { mode: 'REDUCING', reason: 'FLATTENING', flattenId: 'f' }));
    const said = feed(state, flatten('f', 1));
    expect(said).toMatchObject([{ type: 'cycle.planned', data: { cycleId: 'f', proposals: [] } }]);
  });

  it('asked for between two bars is decided when it is asked for', () => {
    const state = ready();
    feed(state, cashMoved(2, 'BTC', '35'));
    feed(state, tradingState(2, { mode: 'REDUCING', reason: 'FLATTENING', flattenId: 'f' }));
    const wallNow = at(11) + 59_000;
    const decided = live.decide(state, inputOf(flatten('f', 2)), { wallNow, waitExpired: false });
    const [order] = decided.kind === 'done' ? proposals(decided.events ?? []) : [];
    expect(order?.decidedAt).toBe(wallNow);
  });
});

describe('a rebalance', () => {
  const rebalance = (state: PlanningState) => decide(state, fed(REBALANCE, { requestId: 'one' }));

  it('plans on the newest signals and marks, under an id of its own', () => {
    const state = ready();
    state.lastSignals.fill({ target: 1, stopDistance: 5, confidence: 1, reason: 'test' });
    const decided = rebalance(state);
    if (decided.kind !== 'done') throw new Error('it waits');
    expect(plan(decided.events ?? [])).toEqual(['entry buy 35 BTCUSDT', 'entry buy 35 ETHUSDT']);
    expect(proposals(decided.events ?? [])[0]?.cycleId).toBe('rebalance:one');
    expect(decided.result).toMatchObject({
      proposals: [{ symbol: 'BTCUSDT' }, { symbol: 'ETHUSDT' }],
      skipped: [],
    });
  });

  it('before anything is known plans nothing', () => {
    expect(rebalance(createState(RUN, configuration))).toMatchObject({
      result: { proposals: [], skipped: [] },
    });
  });
});
