import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Decimal, decimal, ZERO } from '../money/index.ts';
import {
  createSimulatedVenue,
  type MatchingBar,
  type SimulatedVenue,
  type VenueEvent,
  type VenueOrderRequest,
  type VenueRules,
} from './index.ts';

const SYMBOLS = ['AAAUSDT', 'BBBUSDT'] as const;
const rules: VenueRules = {
  instruments: SYMBOLS.map((symbol) => ({
    symbol,
    base: symbol.slice(0, 3),
    quote: 'USDT',
    tickSize: '0.01',
    stepSize: '0.001',
    quantityMin: '0.001',
    quantityMax: '1000',
    notionalMin: '5',
  })),
  makerFeeRate: '0.00075',
  takerFeeRate: '0.001',
  slippageBps: 7,
  collar: '0.02',
};
const START = { balances: { USDT: '10000', AAA: '20', BBB: '20' } };

type Action =
  | { readonly do: 'place'; readonly request: VenueOrderRequest }
  | { readonly do: 'cancel'; readonly symbol: string; readonly id: string }
  | { readonly do: 'replace'; readonly id: string; readonly request: VenueOrderRequest }
  | { readonly do: 'set'; readonly bars: readonly MatchingBar[]; readonly skip: boolean };

const cents = fc.integer({ min: 8_000, max: 12_000 });
const price = cents.map((value) => (value / 100).toFixed(2));
const id = fc.integer({ min: 1, max: 6 }).map((value) => `c${value}`);
const symbol = fc.constantFrom(...SYMBOLS);

const request: fc.Arbitrary<VenueOrderRequest> = fc
  .record({
    clientOrderId: id,
    symbol,
    side: fc.constantFrom('buy' as const, 'sell' as const),
    type: fc.constantFrom('MARKET' as const, 'LIMIT' as const, 'LIMIT_MAKER' as const, 'STOP_LOSS' as const),
    lots: fc.integer({ min: 1, max: 60_000 }),
    at: price,
  })
  .map(({ lots, at, ...rest }) => ({
    ...rest,
    quantity: (lots / 1000).toFixed(3),
    price: rest.type.startsWith('LIMIT') ? at : null,
    stopPrice: rest.type === 'STOP_LOSS' ? at : null,
  }));

const bars = fc
  .tuple(
    fc.subarray([...SYMBOLS]),
    fc.array(fc.array(cents, { minLength: 4, maxLength: 4 }), { minLength: 2, maxLength: 2 }),
  )
  .map(([present, values]) =>
    present.map((name, at): MatchingBar => {
      const [open = 0, close = 0, one = 0, two = 0] = (values[at] ?? []).map((value) => value / 100);
      const high = Math.max(open, close, one, two);
      return { symbol: name, openTime: 0, open, close, high, low: Math.min(open, close, one, two) };
    }),
  );

const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ do: fc.constant('place' as const), request }),
  fc.record({ do: fc.constant('cancel' as const), symbol, id }),
  fc.record({ do: fc.constant('replace' as const), id, request }),
  fc.record({ do: fc.constant('set' as const), bars, skip: fc.boolean() }),
);
const actions = fc.array(action, { maxLength: 60 });

/** Applies one action; `skip` leaves out the steps that could match nothing, as the simulator does. */
function apply(
  venue: SimulatedVenue,
  step: Action,
  mayskip = true,
): { answers: unknown[]; events: VenueEvent[] } {
  if (step.do === 'place') return { answers: [venue.place(step.request, 1)], events: [] };
  if (step.do === 'cancel') return { answers: [venue.cancel(step.symbol, step.id, 2)], events: [] };
  if (step.do === 'replace') return { answers: [venue.cancelReplace(step.id, step.request, 3)], events: [] };
  const events: VenueEvent[] = [];
  const skip = step.skip && mayskip;
  if (!skip || venue.couldMatchOpen(step.bars)) events.push(...venue.open(step.bars));
  if (!skip || venue.couldMatchPath(step.bars)) events.push(...venue.path(step.bars, 60_000));
  venue.close(step.bars);
  return { answers: [], events };
}

function totals(venue: SimulatedVenue): Map<string, Decimal> {
  const entries = Object.entries(venue.balances());
  return new Map(entries.map(([asset, { free, locked }]) => [asset, decimal(free).add(locked)]));
}

function post(sums: Map<string, Decimal>, asset: string, amount: Decimal): void {
  sums.set(asset, (sums.get(asset) ?? ZERO).add(amount));
}

describe('simulated venue, any sequence of actions', () => {
  it('never has a negative balance; free + locked moves by fills and fees alone; locks are the open orders’', () => {
    fc.assert(
      fc.property(actions, (steps) => {
        const venue = createSimulatedVenue(rules, START);
        venue.close(
          SYMBOLS.map((name) => ({ symbol: name, openTime: 0, open: 100, high: 100, low: 100, close: 100 })),
        );
        const expected = totals(venue);
        for (const step of steps) {
          for (const event of apply(venue, step).events) {
            if (event.kind !== 'trade') continue;
            const { trade } = event;
            const sign = trade.side === 'buy' ? 1 : -1;
            post(expected, trade.symbol.slice(0, 3), decimal(trade.quantity).mul(sign));
            post(expected, 'USDT', decimal(trade.quoteQuantity).mul(-sign));
            post(expected, trade.feeAsset, decimal(trade.fee).neg());
          }
          const locks = new Map<string, Decimal>();
          for (const order of venue.openOrders())
            post(locks, order.side === 'buy' ? 'USDT' : order.symbol.slice(0, 3), decimal(order.locked));
          for (const [asset, { free, locked }] of Object.entries(venue.balances())) {
            expect(decimal(free).gte(0) && decimal(locked).gte(0)).toBe(true);
            expect(decimal(locked).eq(locks.get(asset) ?? ZERO)).toBe(true);
            expect(
              decimal(free)
                .add(locked)
                .eq(expected.get(asset) ?? ZERO),
            ).toBe(true);
          }
        }
        venue.expireAll(9);
        expect(Object.values(venue.balances()).every((balance) => balance.locked === '0')).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('is deterministic, continues identically from a snapshot, and skipping idle steps changes nothing', () => {
    fc.assert(
      fc.property(actions, fc.nat(60), (steps, cut) => {
        const whole = createSimulatedVenue(rules, START);
        let other = createSimulatedVenue(rules, START);
        steps.forEach((step, at) => {
          if (at === cut) other = createSimulatedVenue(rules, JSON.parse(JSON.stringify(other.snapshot())));
          expect(apply(other, step)).toEqual(apply(whole, step, false));
        });
        expect(other.snapshot()).toEqual(whole.snapshot());
      }),
      { numRuns: 300 },
    );
  });

  it('fills no limit order at a price worse than its limit', () => {
    fc.assert(
      fc.property(actions, (steps) => {
        const venue = createSimulatedVenue(rules, START);
        for (const step of steps) {
          for (const event of apply(venue, step).events) {
            if (event.kind !== 'trade' || event.order.price === null) continue;
            const gap = decimal(event.order.price).sub(event.trade.price);
            expect(event.trade.side === 'buy' ? gap.gte(0) : gap.lte(0)).toBe(true);
          }
        }
      }),
      { numRuns: 100 },
    );
  });
});
