import { describe, expect, it } from 'vitest';
import { createSimulatedVenue, type VenueOrderRequest, type VenueRefusal } from './index.ts';
import { order, placed, rules, venue } from './venue.fixture.ts';

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
