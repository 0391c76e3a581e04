import { describe, expect, it } from 'vitest';
import type { Instrument } from '../instruments/index.ts';
import {
  createSimulatedVenue,
  type MatchingBar,
  type SimulatedVenue,
  type VenueOrderRequest,
  type VenueRefusal,
  type VenueRules,
} from './index.ts';

const instrument = (symbol: string, base: string): Instrument => ({
  symbol,
  base,
  quote: 'USDT',
  tickSize: '0.01',
  stepSize: '0.001',
  quantityMin: '0.001',
  quantityMax: '9000',
  notionalMin: '5',
});

const rules: VenueRules = {
  instruments: [instrument('AAAUSDT', 'AAA'), instrument('BBBUSDT', 'BBB')],
  makerFeeRate: '0.001',
  takerFeeRate: '0.002',
  slippageBps: 10,
  collar: '0.02',
};

const MINUTE = 60_000;
let ids = 0;

function order(change: Partial<VenueOrderRequest>): VenueOrderRequest {
  ids += 1;
  return {
    clientOrderId: `c${ids}`,
    symbol: 'AAAUSDT',
    side: 'buy',
    type: 'MARKET',
    quantity: '1',
    price: null,
    stopPrice: null,
    ...change,
  };
}

function bar(open: number, high = open, low = open, close = open, symbol = 'AAAUSDT'): MatchingBar {
  return { symbol, openTime: 0, open, high, low, close };
}

/** A venue with 1000 USDT, 10 AAA and 10 BBB whose last prices are 100. */
function venue(change: Partial<VenueRules> = {}): SimulatedVenue {
  const made = createSimulatedVenue(
    { ...rules, ...change },
    { balances: { USDT: '1000', AAA: '10', BBB: '10' } },
  );
  made.close([bar(100), bar(100, 100, 100, 100, 'BBBUSDT')]);
  return made;
}

function placed(made: SimulatedVenue, change: Partial<VenueOrderRequest>) {
  const answer = made.place(order(change), 1);
  if (!('order' in answer)) throw new Error(`refused: ${answer.refusal}`);
  return answer.order;
}

describe('admission', () => {
  const refused: [string, Partial<VenueOrderRequest>, VenueRefusal][] = [
    ['unknown symbol', { symbol: 'ZZZUSDT' }, 'UNKNOWN_SYMBOL'],
    ['limit off the tick', { type: 'LIMIT', price: '99.001' }, 'FILTER_PRICE'],
    ['limit without a price', { type: 'LIMIT', price: null }, 'FILTER_PRICE'],
    ['stop without a trigger', { type: 'STOP_LOSS', side: 'sell' }, 'FILTER_PRICE'],
    ['quantity off the lot', { quantity: '1.0001' }, 'FILTER_LOT_SIZE'],
    ['quantity below the minimum', { quantity: '0' }, 'FILTER_LOT_SIZE'],
    ['quantity above the maximum', { quantity: '9001' }, 'FILTER_LOT_SIZE'],
    ['value below the minimum', { quantity: '0.049' }, 'FILTER_NOTIONAL'],
    [
      'sell stop at the last price',
      { type: 'STOP_LOSS', side: 'sell', stopPrice: '100' },
      'STOP_WOULD_TRIGGER',
    ],
    ['buy stop at the last price', { type: 'STOP_LOSS', stopPrice: '100' }, 'STOP_WOULD_TRIGGER'],
    ['post-only buy at the last price', { type: 'LIMIT_MAKER', price: '100' }, 'WOULD_MATCH_IMMEDIATELY'],
    [
      'post-only sell at the last price',
      { type: 'LIMIT_MAKER', side: 'sell', price: '100' },
      'WOULD_MATCH_IMMEDIATELY',
    ],
    ['sell of more than is free', { side: 'sell', quantity: '10.001' }, 'INSUFFICIENT_BALANCE'],
    [
      'limit buy beyond the cash',
      { type: 'LIMIT', quantity: '10.001', price: '100' },
      'INSUFFICIENT_BALANCE',
    ],
    // 9.8 × 100 × 1.02 × 1.002 = 1001.5992
    ['market buy whose lock is beyond the cash', { quantity: '9.8' }, 'INSUFFICIENT_BALANCE'],
    [
      'stop buy whose lock is beyond the cash',
      { type: 'STOP_LOSS', quantity: '9.7', stopPrice: '101' },
      'INSUFFICIENT_BALANCE',
    ],
  ];
  it.each(refused)('refuses: %s', (_name, change, refusal) => {
    const made = venue();
    expect(made.place(order(change), 1)).toEqual({ refusal });
    expect(made.openOrders()).toEqual([]);
    expect(made.balances()).toEqual(venue().balances());
  });

  const accepted: [string, Partial<VenueOrderRequest>, string, string][] = [
    ['sell locks its base', { side: 'sell', quantity: '10' }, 'AAA', '10'],
    ['limit buy locks quantity × limit', { type: 'LIMIT', quantity: '10', price: '100' }, 'USDT', '1000'],
    ['market buy locks last × (1 + collar) × (1 + fee)', { quantity: '9.7' }, 'USDT', '991.3788'],
    [
      'stop buy locks at its trigger',
      { type: 'STOP_LOSS', quantity: '1', stopPrice: '100.01' },
      'USDT',
      '102.2142204',
    ],
    ['smallest value', { quantity: '0.05' }, 'USDT', '5.1102'],
    ['sell stop below the last price', { type: 'STOP_LOSS', side: 'sell', stopPrice: '99.99' }, 'AAA', '1'],
    ['post-only buy below the last price', { type: 'LIMIT_MAKER', price: '99.99' }, 'USDT', '99.99'],
  ];
  it.each(accepted)('accepts: %s', (_name, change, asset, locked) => {
    const made = venue();
    const answer = placed(made, change);
    expect(answer).toMatchObject({ status: 'NEW', executedQuantity: '0', locked, createdAt: 1 });
    expect(made.balances()[asset]?.locked).toBe(locked);
  });

  it('knows no price before the first bar: only a limit order can be placed', () => {
    const made = createSimulatedVenue(rules, { balances: { USDT: '1000', AAA: '10' } });
    expect(made.place(order({}), 1)).toEqual({ refusal: 'NO_PRICE' });
    expect(made.place(order({ type: 'STOP_LOSS', side: 'sell', stopPrice: '1' }), 1)).toEqual({
      refusal: 'NO_PRICE',
    });
    expect(made.place(order({ type: 'LIMIT', price: '50' }), 1)).toHaveProperty('order.orderId', 1);
  });

  it('refuses a client order id while an order with it is open, and takes it again afterwards', () => {
    const made = venue();
    placed(made, { clientOrderId: 'same', type: 'LIMIT', price: '90' });
    expect(made.place(order({ clientOrderId: 'same', symbol: 'BBBUSDT' }), 1)).toEqual({
      refusal: 'DUPLICATE_ORDER',
    });
    made.cancel('AAAUSDT', 'same', 2);
    expect(made.place(order({ clientOrderId: 'same' }), 1)).toHaveProperty('order.orderId', 2);
  });
});

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

interface StepRow {
  readonly name: string;
  readonly request: Partial<VenueOrderRequest>;
  readonly bar: MatchingBar;
  /** Price and maker of the fill, or null when the order must stay open. */
  readonly fill: readonly [price: string, maker: boolean] | null;
  /** Whether the order has seen an open step before. */
  readonly rested?: boolean;
}

function check(row: StepRow, step: 'open' | 'path'): void {
  const made = venue();
  const { orderId } = placed(made, row.request);
  if (row.rested) made.close([bar(100)]);
  const could = step === 'open' ? made.couldMatchOpen([row.bar]) : made.couldMatchPath([row.bar]);
  const events = step === 'open' ? made.open([row.bar]) : made.path([row.bar], MINUTE);
  expect(could).toBe(row.fill !== null);
  if (row.fill === null) {
    expect(events).toEqual([]);
    expect(made.openOrders()).toHaveLength(1);
    return;
  }
  const [price, maker] = row.fill;
  const time = step === 'open' ? 0 : MINUTE / 2;
  expect(events).toMatchObject([
    { kind: 'trade', trade: { orderId, price, maker, time }, order: { status: 'FILLED', locked: '0' } },
  ]);
  expect(made.openOrders()).toEqual([]);
}

describe('open step', () => {
  const limit = (side: 'buy' | 'sell', price: string) => ({ type: 'LIMIT', side, price }) as const;
  const stop = (side: 'buy' | 'sell', stopPrice: string) => ({ type: 'STOP_LOSS', side, stopPrice }) as const;
  const rows: StepRow[] = [
    {
      name: 'market buy: open + slippage, up to the tick',
      request: {},
      bar: bar(100.05),
      fill: ['100.16', false],
    },
    {
      name: 'market sell: open − slippage, down to the tick',
      request: { side: 'sell' },
      bar: bar(100.05),
      fill: ['99.94', false],
    },
    {
      name: 'sell stop that the open gapped through',
      request: stop('sell', '95'),
      bar: bar(90),
      fill: ['89.91', false],
    },
    { name: 'sell stop at the open', request: stop('sell', '95'), bar: bar(95), fill: ['94.9', false] },
    { name: 'sell stop below the open', request: stop('sell', '95'), bar: bar(95.01, 96, 90), fill: null },
    {
      name: 'buy stop that the open gapped through',
      request: stop('buy', '101'),
      bar: bar(102),
      fill: ['102.11', false],
    },
    { name: 'buy stop above the open', request: stop('buy', '101'), bar: bar(100.99, 110), fill: null },
    {
      name: 'new limit buy crossing: taker, better than its limit',
      request: limit('buy', '101'),
      bar: bar(100),
      fill: ['100.1', false],
    },
    {
      name: 'new limit buy at the open: never worse than its limit',
      request: limit('buy', '100'),
      bar: bar(100),
      fill: ['100', false],
    },
    {
      name: 'new limit buy not crossing',
      request: limit('buy', '99.99'),
      bar: bar(100, 100, 90),
      fill: null,
    },
    { name: 'new limit sell crossing', request: limit('sell', '99'), bar: bar(100), fill: ['99.9', false] },
    {
      name: 'new limit sell at the open',
      request: limit('sell', '100'),
      bar: bar(100),
      fill: ['100', false],
    },
    { name: 'new limit sell not crossing', request: limit('sell', '100.01'), bar: bar(100, 110), fill: null },
    {
      name: 'resting limit buy gapped through: own price, maker',
      request: limit('buy', '99'),
      bar: bar(90),
      fill: ['99', true],
      rested: true,
    },
    {
      name: 'resting limit buy at the open',
      request: limit('buy', '99'),
      bar: bar(99),
      fill: null,
      rested: true,
    },
    {
      name: 'resting limit sell gapped through',
      request: limit('sell', '101'),
      bar: bar(110),
      fill: ['101', true],
      rested: true,
    },
    {
      name: 'resting limit sell at the open',
      request: limit('sell', '101'),
      bar: bar(101),
      fill: null,
      rested: true,
    },
    {
      name: 'post-only rests from the start',
      request: { type: 'LIMIT_MAKER', price: '99' },
      bar: bar(90),
      fill: ['99', true],
    },
  ];
  it.each(rows)('$name', (row) => check(row, 'open'));

  it('fills at least at one tick', () => {
    const made = createSimulatedVenue(
      { ...rules, instruments: [{ ...instrument('AAAUSDT', 'AAA'), notionalMin: '0.01' }] },
      { balances: { AAA: '10' } },
    );
    made.close([bar(0.01)]);
    placed(made, { side: 'sell', quantity: '1' });
    expect(made.open([bar(0.01)])).toMatchObject([{ trade: { price: '0.01' } }]);
  });

  it('sells come before buys, symbols in the order of the bars, then by order id', () => {
    const made = venue();
    const both = [bar(100), bar(100, 100, 100, 100, 'BBBUSDT')];
    for (const symbol of ['BBBUSDT', 'AAAUSDT'])
      for (const side of ['buy', 'sell', 'sell'] as const) placed(made, { symbol, side, quantity: '0.1' });
    const trades = made.open(both).map((event) => (event.kind === 'trade' ? event.trade : null));
    expect(trades.map((trade) => [trade?.symbol, trade?.side, trade?.orderId, trade?.tradeId])).toEqual([
      ['AAAUSDT', 'sell', 5, 1],
      ['AAAUSDT', 'sell', 6, 2],
      ['BBBUSDT', 'sell', 2, 1],
      ['BBBUSDT', 'sell', 3, 2],
      ['AAAUSDT', 'buy', 4, 3],
      ['BBBUSDT', 'buy', 1, 3],
    ]);
  });

  it('matches nothing for a symbol without a bar', () => {
    const made = venue();
    placed(made, { symbol: 'BBBUSDT' });
    expect(made.couldMatchOpen([bar(100)])).toBe(false);
    expect(made.open([bar(100)])).toEqual([]);
    expect(made.open([bar(100, 100, 100, 100, 'BBBUSDT')])).toHaveLength(1);
  });

  it('makes the open the last price, so that a stop placed after it is judged by it', () => {
    const made = venue();
    placed(made, { side: 'sell' });
    made.open([bar(90)]);
    expect(made.place(order({ type: 'STOP_LOSS', side: 'sell', stopPrice: '95' }), 2)).toEqual({
      refusal: 'STOP_WOULD_TRIGGER',
    });
  });
});

describe('path step', () => {
  const rows: StepRow[] = [
    { name: 'market orders wait for the next open', request: {}, bar: bar(100, 110, 90), fill: null },
    {
      name: 'sell stop touched: trigger − slippage, even below the low',
      request: { type: 'STOP_LOSS', side: 'sell', stopPrice: '95' },
      bar: bar(100, 101, 95),
      fill: ['94.9', false],
    },
    {
      name: 'sell stop not touched',
      request: { type: 'STOP_LOSS', side: 'sell', stopPrice: '95' },
      bar: bar(100, 101, 95.01),
      fill: null,
    },
    {
      name: 'buy stop touched',
      request: { type: 'STOP_LOSS', stopPrice: '101' },
      bar: bar(100, 101, 99),
      fill: ['101.11', false],
    },
    {
      name: 'buy stop not touched',
      request: { type: 'STOP_LOSS', stopPrice: '101' },
      bar: bar(100, 100.99, 99),
      fill: null,
    },
    {
      name: 'limit buy traded through: own price, maker',
      request: { type: 'LIMIT', price: '99' },
      bar: bar(100, 100, 98.99),
      fill: ['99', true],
    },
    {
      name: 'limit buy only touched',
      request: { type: 'LIMIT', price: '99' },
      bar: bar(100, 100, 99),
      fill: null,
    },
    {
      name: 'limit sell traded through',
      request: { type: 'LIMIT', side: 'sell', price: '101' },
      bar: bar(100, 101.01, 100),
      fill: ['101', true],
    },
    {
      name: 'limit sell only touched',
      request: { type: 'LIMIT', side: 'sell', price: '101' },
      bar: bar(100, 101, 100),
      fill: null,
    },
  ];
  it.each(rows)('$name', (row) => check(row, 'path'));

  it('stops come before limits', () => {
    const made = venue();
    placed(made, { type: 'LIMIT', side: 'sell', quantity: '5', price: '101' });
    placed(made, { type: 'STOP_LOSS', side: 'sell', quantity: '5', stopPrice: '99' });
    const events = made.path([bar(100, 102, 98)], MINUTE);
    expect(events.map((event) => event.order.type)).toEqual(['STOP_LOSS', 'LIMIT']);
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
