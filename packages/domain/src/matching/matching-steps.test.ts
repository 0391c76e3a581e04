import { describe, expect, it } from 'vitest';
import { createSimulatedVenue, type MatchingBar, type VenueOrderRequest } from './index.ts';
import { bar, instrument, MINUTE, order, placed, rules, venue } from './venue.fixture.ts';

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
