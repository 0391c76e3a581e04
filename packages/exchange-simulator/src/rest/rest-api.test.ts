import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PAPER_KEY, type RunningSimulator, startSimulator } from '../start-simulator.ts';
import { type Answer, BinanceClient, signatureOf } from '../testing/binance-client.ts';
import { FROM, fixtureMarket, flat, MINUTE, VENUE } from '../testing/market-fixture.ts';
import { BINANCE_ERRORS, type BinanceErrorName } from './binance-error.ts';

let simulator: RunningSimulator;
let api: BinanceClient;
let clock = 0;

beforeEach(async () => {
  clock = 0;
  simulator = await startSimulator({
    market: fixtureMarket({ BTCUSDT: flat(4), ETHUSDT: flat(4) }),
    venue: VENUE,
    weightLimit: 1_000,
    wall: () => Date.now() + clock,
  });
  api = new BinanceClient(simulator);
  await api.advance();
});

afterEach(() => simulator.close());

const limitBuy = {
  symbol: 'BTCUSDT',
  side: 'BUY',
  type: 'LIMIT',
  timeInForce: 'GTC',
  quantity: '1',
  price: '95',
};
const marketBuy = { symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quantity: '1' };
const stopSell = { symbol: 'BTCUSDT', side: 'SELL', type: 'STOP_LOSS', quantity: '1', stopPrice: '95' };
const without = (name: keyof typeof limitBuy) =>
  Object.fromEntries(Object.entries(limitBuy).filter(([key]) => key !== name));
const replace = { ...limitBuy, cancelReplaceMode: 'STOP_ON_FAILURE', cancelOrigClientOrderId: 'none' };
const keyed = (timestamp: number, rest = '') => {
  const text = `timestamp=${timestamp}${rest}`;
  return `account?${text}&signature=${signatureOf(text)}`;
};
const key = { 'X-MBX-APIKEY': PAPER_KEY.key };

/** One row a code: what provokes it. UNKNOWN is what an unforeseen fault becomes; no request provokes it. */
const ROWS: Readonly<Record<Exclude<BinanceErrorName, 'UNKNOWN'>, () => Promise<Answer>>> = {
  TOO_MANY_REQUESTS: async () => {
    // Twice what a minute allows, in case a new one begins meanwhile.
    for (let at = 0; at < 100; at += 1) {
      const answer = await api.get('exchangeInfo');
      if (answer.status !== 200) return answer;
    }
    return api.get('exchangeInfo');
  },
  SERVER_BUSY: async () => {
    await api.control('POST', 'fault', { kind: 'http-503', endpoint: 'GET /api/v3/ping' });
    return api.get('ping');
  },
  FILTER_PRICE: () => api.order({ ...limitBuy, price: '95.001' }),
  FILTER_LOT_SIZE: () => api.order({ ...limitBuy, quantity: '0.0001' }),
  FILTER_NOTIONAL: () => api.order({ ...limitBuy, quantity: '0.001' }),
  MARKET_CLOSED: async () => {
    for (let at = 0; at < 4; at += 1) await api.advance();
    return api.order(limitBuy);
  },
  QUOTE_QUANTITY: () => api.order({ symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quoteOrderQty: '100' }),
  UNSUPPORTED: () => api.get('aggTrades'),
  TIMESTAMP_OUTSIDE: () => api.send('GET', keyed(Date.now() - 5_500), key),
  TIMESTAMP_AHEAD: () => api.send('GET', keyed(Date.now() + 1_900), key),
  SIGNATURE: () => api.send('GET', `account?timestamp=${Date.now()}&signature=00`, key),
  ILLEGAL_CHARACTERS: () => api.order({ ...limitBuy, newClientOrderId: 'no spaces' }),
  REPEATED_PARAMETER: () => api.send('GET', 'klines?symbol=BTCUSDT&symbol=ETHUSDT'),
  MANDATORY: () => api.order(without('quantity')),
  EITHER_MANDATORY: () => api.signed('GET', 'order', { symbol: 'BTCUSDT' }),
  NOT_REQUIRED: () => api.order({ ...marketBuy, price: '95' }),
  PRECISION: () => api.order({ ...limitBuy, quantity: '1.000000001' }),
  TIME_IN_FORCE: () => api.order({ ...limitBuy, timeInForce: 'IOC' }),
  ORDER_TYPE: () => api.order({ ...limitBuy, type: 'STOP_LOSS_LIMIT' }),
  SIDE: () => api.order({ ...limitBuy, side: 'HOLD' }),
  INTERVAL: () => api.get('klines', { symbol: 'BTCUSDT', interval: '7m' }),
  SYMBOL: () => api.order({ ...limitBuy, symbol: 'ZZZUSDT' }),
  TIME_RANGE: () => api.signed('GET', 'myTrades', { symbol: 'BTCUSDT', startTime: 0, endTime: 86_400_001 }),
  PARAMETER: () => api.signed('POST', 'order/cancelReplace', { ...replace, cancelReplaceMode: 'SOMETIMES' }),
  RECV_WINDOW: () => api.send('GET', keyed(Date.now(), '&recvWindow=60001'), key),
  DUPLICATE_ORDER: async () => {
    await api.order({ ...limitBuy, newClientOrderId: 'same' });
    return api.order({ ...limitBuy, newClientOrderId: 'same' });
  },
  INSUFFICIENT_BALANCE: () => api.order({ ...limitBuy, quantity: '1000' }),
  STOP_WOULD_TRIGGER: () => api.order({ ...stopSell, stopPrice: '100' }),
  WOULD_MATCH_IMMEDIATELY: () =>
    api.order({ symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT_MAKER', quantity: '1', price: '101' }),
  NO_PRICE: async () => {
    const other = await startSimulator({ market: fixtureMarket({ BTCUSDT: flat(2) }), venue: VENUE });
    const answer = await new BinanceClient(other).order(marketBuy);
    await other.close();
    return answer;
  },
  UNKNOWN_ORDER: () => api.signed('DELETE', 'order', { symbol: 'BTCUSDT', orderId: 77 }),
  NO_SUCH_ORDER: () => api.signed('GET', 'order', { symbol: 'BTCUSDT', origClientOrderId: 'none' }),
  KEY_FORMAT: () => api.send('GET', keyed(Date.now())),
  KEY_UNKNOWN: () => api.send('GET', keyed(Date.now()), { 'X-MBX-APIKEY': 'other-key' }),
  REPLACE_PARTLY_FAILED: async () => {
    await api.order({ ...limitBuy, newClientOrderId: 'none' });
    return api.signed('POST', 'order/cancelReplace', { ...replace, quantity: '1000' });
  },
  REPLACE_FAILED: () => api.signed('POST', 'order/cancelReplace', replace),
};

describe('error codes', () => {
  const names = Object.keys(ROWS) as (keyof typeof ROWS)[];
  it.each(names)('%s', async (name) => {
    const { status, body } = await ROWS[name]();
    const row = BINANCE_ERRORS[name];
    expect({ status, ...(body as object) }).toMatchObject({ status: row.status, code: row.code });
    const text = (body as { msg: string }).msg;
    const [before = '', after = ''] = row.message.split('%');
    expect(text.startsWith(before) && text.endsWith(after)).toBe(true);
  });
});

describe('signature and window', () => {
  const signed = (text: string, secret?: string) => `${text}&signature=${signatureOf(text, secret)}`;
  const rows: [string, () => Promise<Answer>, number][] = [
    ['in the query', () => api.send('GET', `account?${signed(`timestamp=${Date.now()}`)}`, key), 200],
    [
      'upper-case hex',
      () => {
        const text = `timestamp=${Date.now()}`;
        return api.send('GET', `account?${text}&signature=${signatureOf(text).toUpperCase()}`, key);
      },
      200,
    ],
    [
      'query and body together, as one text',
      () => {
        const query = 'symbol=BTCUSDT&side=SELL';
        const body = `type=MARKET&quantity=1&timestamp=${Date.now()}`;
        return api.send('POST', `order?${query}`, key, `${body}&signature=${signatureOf(query + body)}`);
      },
      200,
    ],
    ['wrong secret', () => api.send('GET', `account?${signed(`timestamp=${Date.now()}`, 'x')}`, key), 400],
    [
      'a parameter changed after signing',
      () => {
        const text = signed(`timestamp=${Date.now()}`);
        return api.send('GET', `account?omitZeroBalances=true&${text}`, key);
      },
      400,
    ],
    ['no signature', () => api.send('GET', `account?timestamp=${Date.now()}`, key), 400],
    ['no timestamp', () => api.send('GET', `account?${signed('recvWindow=5000')}`, key), 400],
    [
      'old, inside a wider window',
      () => api.send('GET', keyed(Date.now() - 20_000, '&recvWindow=30000'), key),
      200,
    ],
    [
      'old, outside a narrow window',
      () => api.send('GET', keyed(Date.now() - 1_500, '&recvWindow=1000'), key),
      400,
    ],
    ['slightly ahead', () => api.send('GET', keyed(Date.now() + 500), key), 200],
  ];
  it.each(rows)('%s', async (_name, send, status) => {
    expect((await send()).status).toBe(status);
  });

  it('judges the window by wall time at arrival, whatever the market says', async () => {
    clock = 10_000;
    expect((await api.signed('GET', 'account')).body).toMatchObject({ code: -1021 });
  });
});

describe('orders', () => {
  it('answers a market order NEW without fills, and its fill after the next open', async () => {
    const placed = await api.order({ ...marketBuy, newClientOrderId: 'm1' });
    expect(placed.body).toMatchObject({
      orderId: 1,
      clientOrderId: 'm1',
      status: 'NEW',
      executedQty: '0.00000000',
      transactTime: FROM + MINUTE,
      fills: [],
    });
    expect((await api.advance()).body).toMatchObject({ step: 'open', openTime: FROM + MINUTE });
    expect((await api.signed('GET', 'order', { symbol: 'BTCUSDT', orderId: 1 })).body).toMatchObject({
      status: 'FILLED',
      executedQty: '1.00000000',
      cummulativeQuoteQty: '100.00000000',
      updateTime: FROM + MINUTE,
    });
    expect((await api.signed('GET', 'myTrades', { symbol: 'BTCUSDT', fromId: 1 })).body).toEqual([
      {
        symbol: 'BTCUSDT',
        id: 1,
        orderId: 1,
        orderListId: -1,
        price: '100.00000000',
        qty: '1.00000000',
        quoteQty: '100.00000000',
        commission: '0.00100000',
        commissionAsset: 'BTC',
        time: FROM + MINUTE,
        isBuyer: true,
        isMaker: false,
        isBestMatch: true,
      },
    ]);
  });

  it('shows what is locked, and lists and cancels what is open', async () => {
    await api.order({ ...limitBuy, newClientOrderId: 'a' });
    await api.order({ ...stopSell, newClientOrderId: 'b' });
    const { body } = await api.signed('GET', 'account', { omitZeroBalances: 'true' });
    expect(body).toMatchObject({
      commissionRates: { maker: '0.00100000', taker: '0.00100000' },
      balances: [
        { asset: 'USDT', free: '9905.00000000', locked: '95.00000000' },
        { asset: 'BTC', free: '4.00000000', locked: '1.00000000' },
      ],
    });
    const open = await api.signed('GET', 'openOrders');
    expect(open.body).toMatchObject([
      { clientOrderId: 'a' },
      { clientOrderId: 'b', stopPrice: '95.00000000' },
    ]);
    const canceled = await api.signed('DELETE', 'openOrders', { symbol: 'BTCUSDT' });
    expect(canceled.body).toMatchObject([
      { origClientOrderId: 'a', status: 'CANCELED' },
      { origClientOrderId: 'b' },
    ]);
    const all = await api.signed('GET', 'allOrders', { symbol: 'BTCUSDT', limit: 1 });
    expect(all.body).toMatchObject([{ clientOrderId: 'b', status: 'CANCELED' }]);
  });

  it('judges a test order and keeps no trace of it', async () => {
    expect(await api.signed('POST', 'order/test', limitBuy)).toMatchObject({ status: 200, body: {} });
    expect((await api.signed('POST', 'order/test', { ...limitBuy, quantity: '1000' })).body).toMatchObject({
      code: -2010,
    });
    expect((await api.signed('GET', 'openOrders')).body).toEqual([]);
  });

  it('acknowledges as the response type says', async () => {
    const ack = await api.order({ ...limitBuy, newOrderRespType: 'ACK' });
    expect(Object.keys(ack.body as object)).toEqual([
      'symbol',
      'orderId',
      'orderListId',
      'clientOrderId',
      'transactTime',
    ]);
    const result = await api.order({ ...stopSell, newOrderRespType: 'RESULT' });
    expect(result.body).not.toHaveProperty('fills');
  });
});

describe('cancelReplace', () => {
  it('replaces an order in one step', async () => {
    await api.order({ ...limitBuy, newClientOrderId: 'none' });
    const { status, body } = await api.signed('POST', 'order/cancelReplace', { ...replace, price: '94' });
    expect({ status, body }).toMatchObject({
      status: 200,
      body: {
        cancelResult: 'SUCCESS',
        newOrderResult: 'SUCCESS',
        cancelResponse: { origClientOrderId: 'none', status: 'CANCELED' },
        newOrderResponse: { price: '94.00000000', status: 'NEW' },
      },
    });
  });

  it('STOP_ON_FAILURE: no cancel, no new order', async () => {
    const { body } = await api.signed('POST', 'order/cancelReplace', replace);
    expect(body).toEqual({
      code: -2022,
      msg: 'Order cancel-replace failed.',
      data: {
        cancelResult: 'FAILURE',
        newOrderResult: 'NOT_ATTEMPTED',
        cancelResponse: { code: -2011, msg: 'Unknown order sent.' },
        newOrderResponse: null,
      },
    });
    expect((await api.signed('GET', 'openOrders')).body).toEqual([]);
  });

  it('a refused new order leaves the old one canceled and says which part failed', async () => {
    await api.order({ ...limitBuy, newClientOrderId: 'none' });
    const { body } = await api.signed('POST', 'order/cancelReplace', { ...replace, quantity: '1000' });
    expect(body).toMatchObject({
      code: -2021,
      data: {
        cancelResult: 'SUCCESS',
        newOrderResult: 'FAILURE',
        newOrderResponse: { code: -2010, msg: 'Account has insufficient balance for requested action.' },
      },
    });
    expect((await api.signed('GET', 'openOrders')).body).toEqual([]);
  });

  it('ALLOW_FAILURE places the new order although the cancel fails', async () => {
    const { status, body } = await api.signed('POST', 'order/cancelReplace', {
      ...replace,
      cancelReplaceMode: 'ALLOW_FAILURE',
    });
    expect({ status, body }).toMatchObject({
      status: 409,
      body: { code: -2021, data: { cancelResult: 'FAILURE', newOrderResult: 'SUCCESS' } },
    });
    expect((await api.signed('GET', 'openOrders')).body).toHaveLength(1);
  });
});

describe('market data', () => {
  it('serves closed candles alone', async () => {
    const one = await api.get('klines', { symbol: 'BTCUSDT', interval: '1m' });
    expect(one.body).toEqual([
      [FROM, '100', '100', '100', '100', '10', FROM + MINUTE - 1, '1000.00000000', 0, '0', '0', '0'],
    ]);
    await api.advance();
    await api.advance();
    const times = async (parameters: Record<string, number>) =>
      (
        (await api.get('klines', { symbol: 'BTCUSDT', interval: '1m', ...parameters })).body as number[][]
      ).map(([time]) => (Number(time) - FROM) / MINUTE);
    expect(await times({})).toEqual([0, 1, 2]);
    expect(await times({ limit: 2 })).toEqual([1, 2]);
    expect(await times({ startTime: FROM, limit: 2 })).toEqual([0, 1]);
    expect(await times({ startTime: FROM + 1 })).toEqual([1, 2]);
    expect(await times({ endTime: FROM + MINUTE })).toEqual([0, 1]);
  });

  it('serves what precedes the run as history, and its last close as the first price', async () => {
    const other = await startSimulator({
      market: fixtureMarket({ BTCUSDT: flat(4, 70) }, { from: FROM + 2 * MINUTE }),
      venue: VENUE,
    });
    const client = new BinanceClient(other);
    const { body } = await client.get('klines', { symbol: 'BTCUSDT', interval: '1m' });
    expect(body).toHaveLength(2);
    expect((await client.get('ticker/price', { symbol: 'BTCUSDT' })).body).toEqual({
      symbol: 'BTCUSDT',
      price: '70.00000000',
    });
    await other.close();
  });

  it('tells the filters, the weight used, and the run', async () => {
    const { body, headers } = await api.get('exchangeInfo', { symbol: 'ETHUSDT' });
    expect(body).toMatchObject({ symbols: [{ symbol: 'ETHUSDT', baseAsset: 'ETH', status: 'TRADING' }] });
    expect(headers.get('x-mbx-used-weight-1m')).toBe('20');
    const run = await fetch(`${simulator.url}/sim/run`);
    expect(await run.json()).toMatchObject({
      run: simulator.run,
      mode: 'lockstep',
      interval: '1m',
      symbols: ['BTCUSDT', 'ETHUSDT'],
    });
  });

  it('refuses bodies that are too large', async () => {
    const { status } = await api.send('POST', 'order', key, 'x'.repeat(70_000));
    expect(status).toBe(413);
  });
});
