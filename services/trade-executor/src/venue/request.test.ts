import type { DeskOrder } from '@fleet/domain/execution';
import { ZERO } from '@fleet/domain/money';
import { describe, expect, it } from 'vitest';
import { type Addresses, assertHosts, onSimulator } from './addresses.ts';
import { assertSendable, cancelRequest, placeRequest, replaceRequest } from './request.ts';

const timing = { timestamp: 1_000, recvWindow: 2_000 };
const order = (over: Partial<DeskOrder> = {}): DeskOrder => ({
  ...{
    proposalId: 'p',
    clientOrderId: 'c1',
    cycleId: '1m:0',
    symbol: 'BTCUSDT',
    side: 'buy',
    type: 'market',
  },
  ...{ purpose: 'entry', sequence: 0, quantity: '0.010', limitPrice: null, triggerPrice: null },
  ...{ stopDistance: '5', referencePrice: '100', flattenId: null, stateEpoch: 1, expiresAt: 1, reason: 'r' },
  ...{ state: 'SUBMITTING', filled: ZERO, venueOrderId: null },
  ...over,
});
const stop = order({
  clientOrderId: 's1',
  side: 'sell',
  type: 'stop',
  triggerPrice: '95.10',
  purpose: 'stop',
});

describe('requests', () => {
  it('a market order has its quantity as approved, to the digit, and no price', () => {
    expect(placeRequest(order(), timing)).toEqual({
      ...{ symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quantity: '0.010', newClientOrderId: 'c1' },
      ...{ newOrderRespType: 'RESULT', timestamp: 1_000, recvWindow: 2_000 },
    });
  });

  it('a stop has its trigger, a limit its price', () => {
    expect(placeRequest(stop, timing)).toMatchObject({ type: 'STOP_LOSS', stopPrice: '95.10', side: 'SELL' });
    const limit = order({ type: 'limit', limitPrice: '99.5' });
    expect(placeRequest(limit, timing)).toMatchObject({ type: 'LIMIT', price: '99.5', timeInForce: 'GTC' });
    expect(() => placeRequest(order({ type: 'limit' }), timing)).toThrow('has no price');
  });

  it('a replace cancels first and stops there when that fails', () => {
    expect(replaceRequest(stop, order({ side: 'sell' }), timing)).toMatchObject({
      ...{ cancelOrigClientOrderId: 's1', cancelReplaceMode: 'STOP_ON_FAILURE', newClientOrderId: 'c1' },
    });
    expect(cancelRequest(stop, timing)).toEqual({ symbol: 'BTCUSDT', origClientOrderId: 's1', ...timing });
  });

  it.each<[string, object, RegExp | null]>([
    ['what was approved', {}, null],
    ['a quote amount', { quoteOrderQty: '100' }, /quoteOrderQty/],
    ['a price on a market order', { price: '100' }, /price of a MARKET order/],
    ['no quantity', { quantity: '0' }, /quantity/],
    ['a quantity that went through a float', { quantity: 0.01 }, /quantity/],
    ['no id', { newClientOrderId: '' }, /newClientOrderId/],
    ['no timestamp', { timestamp: undefined }, /timestamp/],
    ['a window beyond two seconds', { recvWindow: 2_001 }, /recvWindow/],
  ])('the last fence: %s', (_what, over, fault) => {
    const request = { ...placeRequest(order(), timing), ...over } as never;
    if (fault === null) expect(() => assertSendable(request)).not.toThrow();
    else expect(() => assertSendable(request)).toThrow(fault);
  });
});

const REAL: Addresses = {
  public: 'https://api.binance.com/api/v3',
  private: 'https://api.binance.com/api/v3',
  sapi: 'https://api.binance.com/sapi/v1',
  ws: {
    spot: 'wss://stream.binance.com:9443/ws',
    'ws-api': { spot: 'wss://ws-api.binance.com:443/ws-api/v3' },
  },
};

describe('hosts', () => {
  it('in paper mode every address is the simulator’s', () => {
    const moved = onSimulator(REAL, 'http://127.0.0.1:7100');
    expect(moved['sapi']).toBe('http://127.0.0.1:7100/sapi/v1');
    expect(() => assertHosts(moved, 'http://127.0.0.1:7100')).not.toThrow();
    expect(() => assertHosts({ ...moved, sapi: REAL['sapi'] as string }, 'http://127.0.0.1:7100')).toThrow(
      'not on 127.0.0.1:7100: https://api.binance.com/sapi/v1',
    );
  });

  it('live, what is used is the exchange’s, encrypted', () => {
    expect(() => assertHosts(REAL, null)).not.toThrow();
    for (const address of ['http://api.binance.com/api', 'https://binance.com.evil.example/api'])
      expect(() => assertHosts({ ...REAL, private: address }, null)).toThrow('not on binance.com');
    expect(() => assertHosts({ ...REAL, ws: {} }, null)).toThrow('not on binance.com');
  });
});
