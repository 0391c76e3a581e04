import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AuthorisedOrder, authorisedOrderSchema } from '../events/risk.ts';
import { canonicalOrder, refuseSubmit } from './approval.ts';
import { ACTIVE, approval, orderOf } from './desk.fixture.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 12 });
const anyOrder = fc.record<AuthorisedOrder>({
  run: text,
  proposalId: text,
  clientOrderId: text,
  cycleId: text,
  symbol: text,
  side: fc.constantFrom('buy', 'sell'),
  type: fc.constantFrom('market', 'limit', 'stop'),
  quantity: text,
  limitPrice: fc.option(text),
  stopDistance: fc.option(text),
  purpose: fc.constantFrom('entry', 'exit', 'flatten'),
  sequence: fc.nat(),
  flattenId: fc.option(text),
  stateEpoch: fc.nat(),
  expiresAt: fc.nat(),
});

describe('the text that is signed', () => {
  it('is the same for the same order alone', () => {
    fc.assert(
      fc.property(anyOrder, anyOrder, (one, other) => {
        const same =
          JSON.stringify(Object.entries(one).sort()) === JSON.stringify(Object.entries(other).sort());
        expect(canonicalOrder(one) === canonicalOrder(other)).toBe(same);
      }),
    );
  });

  it('changes with each field, whatever the others are', () => {
    const fields = Object.keys(authorisedOrderSchema.shape) as (keyof AuthorisedOrder)[];
    fc.assert(
      fc.property(anyOrder, anyOrder, fc.constantFrom(...fields), (order, other, field) => {
        fc.pre(order[field] !== other[field]);
        expect(canonicalOrder({ ...order, [field]: other[field] })).not.toBe(canonicalOrder(order));
      }),
    );
  });

  it('does not depend on the order in which the fields were written', () => {
    const order = approval();
    const reversed = Object.fromEntries(Object.entries(order).reverse()) as unknown as AuthorisedOrder;
    expect(canonicalOrder(reversed)).toBe(canonicalOrder(order));
  });
});

describe('the last look before a submit', () => {
  const buy = orderOf(approval());
  const sell = orderOf(approval({ side: 'sell', purpose: 'exit' }));
  const flatten = orderOf(approval({ side: 'sell', purpose: 'flatten', flattenId: 'f' }));
  const cycle = buy.cycleId;
  const flattening = { ...ACTIVE, mode: 'REDUCING', reason: 'FLATTENING', flattenId: 'f' } as const;
  it.each([
    { what: 'an active state', order: buy, trading: ACTIVE, refusal: null },
    { what: 'no readable state', order: buy, trading: null, refusal: 'STATE_UNREADABLE' },
    { what: 'a state older than stored', order: buy, trading: ACTIVE, epochMin: 4, refusal: 'STATE_EPOCH' },
    { what: 'an approval just in time', order: buy, trading: ACTIVE, market: 60_000, refusal: null },
    { what: 'an expired approval', order: buy, trading: ACTIVE, market: 60_001, refusal: 'APPROVAL_EXPIRED' },
    {
      what: 'an approval of a state that is still to come',
      order: buy,
      trading: { ...ACTIVE, epoch: 2 },
      epochMin: 2,
      refusal: 'STATE_EPOCH',
    },
    {
      what: 'an approval of an older state',
      order: buy,
      trading: { ...ACTIVE, epoch: 4 },
      refusal: 'STATE_EPOCH',
    },
    {
      what: 'an approval of the cycle whose mark decided the state',
      order: buy,
      trading: { ...ACTIVE, mode: 'HALTED', epoch: 4, cycleId: cycle },
      refusal: null,
    },
    {
      what: 'another cycle under that state',
      order: buy,
      trading: { ...ACTIVE, mode: 'HALTED', epoch: 4, cycleId: '1m:0' },
      refusal: 'STATE_EPOCH',
    },
    {
      what: 'an expired approval of that cycle',
      order: buy,
      trading: { ...ACTIVE, epoch: 4, cycleId: cycle },
      market: 60_001,
      refusal: 'APPROVAL_EXPIRED',
    },
    { what: 'a halt', order: sell, trading: { ...ACTIVE, mode: 'HALTED' }, refusal: 'STATE_HALTED' },
    {
      what: 'a buy while reducing',
      order: buy,
      trading: { ...ACTIVE, mode: 'REDUCING' },
      refusal: 'STATE_REDUCING',
    },
    { what: 'a sell while reducing', order: sell, trading: { ...ACTIVE, mode: 'REDUCING' }, refusal: null },
    { what: 'a sell that is not of the flatten', order: sell, trading: flattening, refusal: 'STATE_HALTED' },
    { what: 'a sell of the flatten', order: flatten, trading: flattening, refusal: null },
    {
      what: 'a sell of another flatten',
      order: flatten,
      trading: { ...flattening, flattenId: 'g' },
      refusal: 'STATE_HALTED',
    },
  ] as const)('$what: $refusal', ({ order, trading, refusal, ...at }) => {
    const { epochMin = 3, market = 0 } = { ...at } as { epochMin?: number; market?: number };
    expect(refuseSubmit(order, trading, epochMin, market)).toBe(refusal);
  });

  it.each(['stop', 'emergency'] as const)('lets a %s pass, whatever key, state or expiry', (purpose) => {
    expect(refuseSubmit(orderOf(approval({ purpose, side: 'sell' })), null, 99, 99_999)).toBeNull();
  });
});
