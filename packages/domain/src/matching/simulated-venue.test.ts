import { describe, expect, it } from 'vitest';
import { createSimulatedVenue } from './index.ts';
import { bar, instrument, MINUTE, order, placed, rules, venue } from './venue.fixture.ts';

describe('cancel', () => {
  it('gives the lock back', () => {
    const made = venue();
    const { clientOrderId } = placed(made, { type: 'LIMIT', price: '90' });
    expect(made.cancel('AAAUSDT', clientOrderId, 7)).toMatchObject({
      order: { status: 'CANCELED', locked: '0', updatedAt: 7 },
    });
    expect(made.balances()).toEqual(venue().balances());
    expect(made.cancel('AAAUSDT', clientOrderId, 8)).toEqual({ refusal: 'UNKNOWN_ORDER' });
  });

  it('knows an order only under its own symbol', () => {
    const made = venue();
    const { clientOrderId } = placed(made, { type: 'LIMIT', price: '90' });
    expect(made.cancel('BBBUSDT', clientOrderId, 7)).toEqual({ refusal: 'UNKNOWN_ORDER' });
    expect(made.openOrder('AAAUSDT', clientOrderId)).not.toBeNull();
  });

  it('replaces in one step: the freed base serves the new order', () => {
    const made = venue();
    const stop = placed(made, { type: 'STOP_LOSS', side: 'sell', quantity: '10', stopPrice: '90' });
    const next = order({ type: 'STOP_LOSS', side: 'sell', quantity: '10', stopPrice: '95' });
    const result = made.cancelReplace(stop.clientOrderId, next, 3);
    expect(result).toMatchObject({
      cancel: { order: { status: 'CANCELED' } },
      place: { order: { stopPrice: '95' } },
    });
  });

  it('places nothing when the cancel fails, and leaves the old one canceled when the new one is refused', () => {
    const made = venue();
    const stop = { type: 'STOP_LOSS', side: 'sell', quantity: '10' } as const;
    expect(made.cancelReplace('none', order({ ...stop, stopPrice: '95' }), 3)).toEqual({
      cancel: { refusal: 'UNKNOWN_ORDER' },
      place: null,
    });
    expect(made.openOrders()).toEqual([]);
    const old = placed(made, { ...stop, stopPrice: '90' });
    const result = made.cancelReplace(old.clientOrderId, order({ ...stop, stopPrice: '101' }), 3);
    expect(result).toMatchObject({
      cancel: { order: { status: 'CANCELED' } },
      place: { refusal: 'STOP_WOULD_TRIGGER' },
    });
    expect(made.openOrders()).toEqual([]);
  });
});

describe('last price', () => {
  it('is the open inside a bar, the close after it, and null before the first', () => {
    const made = createSimulatedVenue(rules, { balances: {} });
    expect([made.lastPrice('AAAUSDT'), made.lastPrice('ZZZUSDT')]).toEqual([null, null]);
    made.open([bar(99, 103, 98, 101)]);
    expect(made.lastPrice('AAAUSDT')).toBe(99);
    made.close([bar(99, 103, 98, 101)]);
    expect(made.lastPrice('AAAUSDT')).toBe(101);
  });
});

describe('settlement', () => {
  it('takes the fee from what is received, rounded up to 8 decimals, and gives back what the lock did not need', () => {
    const made = venue({ slippageBps: 0, takerFeeRate: '0.00123456789' });
    placed(made, { quantity: '1.234' });
    const [event] = made.open([bar(100.01)]);
    // fee 1.234 × 0.00123456789 = 0.00152345677626, up to 0.00152346; cost 123.41234
    expect(event).toMatchObject({
      trade: { fee: '0.00152346', feeAsset: 'AAA', quoteQuantity: '123.41234' },
    });
    expect(made.balances()).toEqual({
      USDT: { free: '876.58766', locked: '0' },
      AAA: { free: '11.23247654', locked: '0' },
      BBB: { free: '10', locked: '0' },
    });
  });

  it('takes a sell fee in quote', () => {
    const made = venue({ slippageBps: 0 });
    placed(made, { type: 'LIMIT', side: 'sell', quantity: '2', price: '101' });
    const [event] = made.path([bar(100, 102)], MINUTE);
    expect(event).toMatchObject({ trade: { fee: '0.202', feeAsset: 'USDT', maker: true } });
    expect(made.balances()['USDT']).toEqual({ free: '1201.798', locked: '0' });
  });

  it('cuts a market buy that its lock cannot pay to the lot; the rest expires', () => {
    const made = venue({ slippageBps: 0 });
    placed(made, { quantity: '5' });
    // Lock 5 × 100 × 1.02 × 1.002 = 511.02; at 110 it pays 4.6456…
    const [trade, ended] = made.open([bar(110)]);
    expect(trade).toMatchObject({
      kind: 'trade',
      trade: { quantity: '4.645', quoteQuantity: '510.95' },
      order: { status: 'PARTIALLY_FILLED' },
    });
    expect(ended).toMatchObject({
      kind: 'ended',
      order: { status: 'EXPIRED', executedQuantity: '4.645', cumulativeQuote: '510.95', locked: '0' },
    });
    expect(made.balances()['USDT']).toEqual({ free: '489.05', locked: '0' });
    expect(made.openOrders()).toEqual([]);
  });

  it('expires a market buy whose lock pays not even one lot', () => {
    const tiny = { ...instrument('AAAUSDT', 'AAA'), notionalMin: '0.1' };
    const made = venue({ instruments: [tiny, instrument('BBBUSDT', 'BBB')] });
    placed(made, { quantity: '0.001' });
    expect(made.open([bar(110)])).toMatchObject([
      { kind: 'ended', order: { status: 'EXPIRED', executedQuantity: '0' } },
    ]);
    expect(made.balances()).toEqual(venue().balances());
  });
});

describe('transfer', () => {
  it('deposits and withdraws free money, never what is locked', () => {
    const made = venue();
    placed(made, { type: 'LIMIT', price: '90', quantity: '1' });
    expect(made.transfer('USDT', '5.5')).toEqual({ free: '915.5' });
    expect(made.transfer('USDT', '-915.51')).toEqual({ refusal: 'INSUFFICIENT_BALANCE' });
    expect(made.transfer('USDT', '-915.5')).toEqual({ free: '0' });
    expect(made.balances()['USDT']).toEqual({ free: '0', locked: '90' });
  });
});

describe('end of the market', () => {
  it('expires what is open and frees its lock', () => {
    const made = venue();
    placed(made, { symbol: 'BBBUSDT' });
    placed(made, { type: 'LIMIT', side: 'sell', price: '200' });
    const events = made.expireAll(9);
    expect(events).toMatchObject([
      { kind: 'ended', order: { symbol: 'AAAUSDT', status: 'EXPIRED', updatedAt: 9 } },
      { kind: 'ended', order: { symbol: 'BBBUSDT', status: 'EXPIRED' } },
    ]);
    expect(made.balances()).toEqual(venue().balances());
  });
});

describe('setup', () => {
  it.each([
    ['fee of one', { takerFeeRate: '1' }],
    ['negative collar', { collar: '-0.1' }],
    ['slippage of the whole price', { slippageBps: 10_000 }],
  ])('refuses %s', (_name, change) => {
    expect(() => venue(change)).toThrow(/must be in \[0, 1\)/);
  });

  it('refuses a negative balance, and a snapshot with a symbol that is no instrument', () => {
    expect(() => createSimulatedVenue(rules, { balances: { USDT: '-1' } })).toThrow(/negative/);
    const snapshot = venue().snapshot();
    expect(() =>
      createSimulatedVenue({ ...rules, instruments: [instrument('AAAUSDT', 'AAA')] }, snapshot),
    ).toThrow(/BBBUSDT/);
  });

  it('an idle step answers one shared frozen array', () => {
    const made = venue();
    expect(made.open([bar(100)])).toBe(made.path([bar(100)], MINUTE));
    expect(Object.isFrozen(made.open([bar(100)]))).toBe(true);
  });
});
