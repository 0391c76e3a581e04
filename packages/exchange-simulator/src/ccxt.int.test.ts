import ccxt from 'ccxt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PAPER_KEY, type RunningSimulator, startSimulator } from './start-simulator.ts';
import { BinanceClient } from './testing/binance-client.ts';
import { FROM, fixtureMarket, flat, MINUTE, type Prices, VENUE } from './testing/market-fixture.ts';

const BARS: Prices[] = [
  ...flat(3),
  [100, 104, 99, 103],
  [103, 106, 102, 105],
  [105, 105, 90, 92],
  ...flat(6, 92),
];

let simulator: RunningSimulator;
let api: BinanceClient;
const opened: { close(): Promise<unknown> }[] = [];

/** What any user of ccxt would set to point it at the simulator: addresses and keys, no code. */
function settings() {
  const rest = `${simulator.url}/api/v3`;
  const stream = `${simulator.wsUrl}/ws`;
  return {
    apiKey: PAPER_KEY.key,
    secret: PAPER_KEY.secret,
    enableRateLimit: false,
    urls: {
      api: {
        ...Object.fromEntries(
          Object.keys(new ccxt.binance().urls['api'] as object).map((name) => [name, rest]),
        ),
        ws: {
          spot: stream,
          margin: stream,
          future: stream,
          delivery: stream,
          'ws-api': { spot: `${simulator.wsUrl}/ws-api/v3` },
        },
      },
    },
    options: { fetchMarkets: { types: ['spot'] }, fetchMargins: false, fetchCurrencies: false },
  };
}

function restClient() {
  const client = new ccxt.binance(settings());
  opened.push(client);
  return client;
}

async function streamClient() {
  const client = new ccxt.pro.binance(settings());
  opened.push(client);
  // Plain ws:// needs it before the first connection.
  await client.loadHttpProxyAgent();
  await client.loadMarkets();
  return client;
}

async function advanceTo(openTime: number, step = 'close'): Promise<void> {
  for (;;) {
    const { body } = await api.advance();
    const answer = body as { openTime: number; step: string; done: boolean };
    if (answer.done || (answer.openTime === openTime && answer.step === step)) return;
  }
}

beforeEach(async () => {
  simulator = await startSimulator({ market: fixtureMarket({ BTCUSDT: BARS, ETHUSDT: BARS }), venue: VENUE });
  api = new BinanceClient(simulator);
  await advanceTo(FROM + 2 * MINUTE);
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map((client) => client.close()));
  await simulator.close();
});

describe('unmodified ccxt binance', () => {
  it('loads markets with their filters', async () => {
    const client = restClient();
    await client.loadMarkets();
    expect(Object.keys(client.markets ?? {})).toEqual(['BTC/USDT', 'ETH/USDT']);
    expect(client.market('BTC/USDT')).toMatchObject({
      id: 'BTCUSDT',
      active: true,
      spot: true,
      precision: { amount: 0.001, price: 0.01 },
      limits: { amount: { min: 0.001, max: 9000 }, cost: { min: 5 } },
    });
    expect(Math.abs((await client.fetchTime()) ?? 0) - Date.now()).toBeLessThan(60_000);
  });

  it('reads candles, tickers and the book', async () => {
    const client = restClient();
    const candles = await client.fetchOHLCV('BTC/USDT', '1m');
    expect(candles).toEqual([0, 1, 2].map((at) => [FROM + at * MINUTE, 100, 100, 100, 100, 10]));
    expect(await client.fetchOHLCV('BTC/USDT', '1m', FROM + MINUTE, 1)).toEqual([
      [FROM + MINUTE, 100, 100, 100, 100, 10],
    ]);
    expect(await client.fetchTicker('BTC/USDT')).toMatchObject({ last: 100, bid: 100, ask: 100.01 });
    expect((await client.fetchOrderBook('BTC/USDT', 5)).bids).toHaveLength(5);
  });

  it('trades at market: acknowledged NEW, filled in the next open step', async () => {
    const client = restClient();
    const order = await client.createOrder('BTC/USDT', 'market', 'buy', 2, undefined, {
      newClientOrderId: 'entry-1',
    });
    expect(order).toMatchObject({ id: '1', clientOrderId: 'entry-1', status: 'open', filled: 0, amount: 2 });
    expect((await client.fetchOpenOrders('BTC/USDT')).map(({ id }) => id)).toEqual(['1']);
    await advanceTo(FROM + 3 * MINUTE);
    expect(await client.fetchOrder('1', 'BTC/USDT')).toMatchObject({
      status: 'closed',
      filled: 2,
      cost: 200,
    });
    const [trade] = await client.fetchMyTrades('BTC/USDT');
    expect(trade).toMatchObject({
      id: '1',
      order: '1',
      side: 'buy',
      amount: 2,
      price: 100,
      takerOrMaker: 'taker',
      timestamp: FROM + 3 * MINUTE,
      fee: { cost: 0.002, currency: 'BTC' },
    });
    expect(await client.fetchBalance()).toMatchObject({
      USDT: { free: 9800, used: 0, total: 9800 },
      BTC: { free: 6.998 },
    });
  });

  it('places, edits by cancelReplace, and cancels resting orders', async () => {
    const client = restClient();
    const limit = await client.createOrder('BTC/USDT', 'limit', 'buy', 1, 95);
    expect(await client.fetchBalance()).toMatchObject({ USDT: { free: 9905, used: 95 } });
    const edited = await client.editOrder(String(limit.id), 'BTC/USDT', 'limit', 'buy', 2, 94);
    expect(edited).toMatchObject({ amount: 2, price: 94, status: 'open' });
    expect((await client.fetchOpenOrders('BTC/USDT')).map(({ id }) => id)).toEqual([edited.id]);
    expect(await client.cancelOrder(String(edited.id), 'BTC/USDT')).toMatchObject({ status: 'canceled' });
    expect(await client.fetchOpenOrders('BTC/USDT')).toEqual([]);
    await expect(client.cancelOrder(String(edited.id), 'BTC/USDT')).rejects.toThrow(ccxt.OrderNotFound);
  });

  it('keeps a stop and triggers it inside a bar', async () => {
    const client = restClient();
    const stop = await client.createOrder('BTC/USDT', 'STOP_LOSS', 'sell', 1, undefined, { stopPrice: '95' });
    const plain = await client.createOrder('BTC/USDT', 'market', 'sell', 1, undefined, { triggerPrice: 94 });
    const open = await client.fetchOpenOrders('BTC/USDT');
    expect(open.map(({ id, triggerPrice }) => [id, triggerPrice])).toEqual([
      [stop.id, 95],
      [plain.id, 94],
    ]);
    await advanceTo(FROM + 5 * MINUTE, 'path');
    const trades = await client.fetchMyTrades('BTC/USDT');
    expect(trades.map(({ order, price }) => [order, price])).toEqual([
      [stop.id, 95],
      [plain.id, 94],
    ]);
  });

  it('maps the refusals to its own errors', async () => {
    const client = restClient();
    await expect(client.createOrder('BTC/USDT', 'market', 'buy', 2000)).rejects.toThrow(
      ccxt.InsufficientFunds,
    );
    await expect(
      client.createOrder('BTC/USDT', 'STOP_LOSS', 'sell', 1, undefined, { stopPrice: '101' }),
    ).rejects.toThrow(ccxt.OrderImmediatelyFillable);
    await expect(client.createOrder('BTC/USDT', 'limit', 'buy', 0.01, 95)).rejects.toThrow(
      /Filter failure: NOTIONAL/,
    );
    await expect(client.fetchOrder('99', 'BTC/USDT')).rejects.toThrow(ccxt.OrderNotFound);
    const twice = { newClientOrderId: 'same' };
    await client.createOrder('BTC/USDT', 'limit', 'buy', 1, 95, twice);
    await expect(client.createOrder('BTC/USDT', 'limit', 'buy', 1, 95, twice)).rejects.toThrow(
      /Duplicate order sent/,
    );
    const wrong = new ccxt.binance({ ...settings(), secret: 'wrong' });
    await expect(wrong.fetchBalance()).rejects.toThrow(ccxt.AuthenticationError);
  });
});

describe('unmodified ccxt pro binance', () => {
  it('watches closed candles', async () => {
    const client = await streamClient();
    const first = client.watchOHLCV('BTC/USDT', '1m');
    let seen: unknown[] | null = null;
    void first.then((candles) => {
      seen = candles;
    });
    // The connection and its subscription take their time: the market goes on until a candle has arrived.
    for (let at = 3; seen === null && at < BARS.length; at += 1) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      await advanceTo(FROM + at * MINUTE);
    }
    const [candle] = await first;
    const at = (Number(candle?.[0]) - FROM) / MINUTE;
    expect(candle).toEqual([FROM + at * MINUTE, ...(BARS[at] ?? []), 10]);
  });

  it('watches orders, fills and balances of the account', async () => {
    const client = await streamClient();
    await client.authenticate({ type: 'spot' });
    const [orders, trades, balance] = [client.watchOrders(), client.watchMyTrades(), client.watchBalance()];
    await client.createOrder('BTC/USDT', 'market', 'buy', 2, undefined, { newClientOrderId: 'entry-2' });
    expect(await orders).toMatchObject([{ id: '1', clientOrderId: 'entry-2', status: 'open', amount: 2 }]);
    // 2 × 100 × 1.02 × 1.001 is locked until the fill.
    expect(await balance).toMatchObject({ USDT: { free: 9795.796, used: 204.204 } });
    const filled = client.watchOrders();
    await advanceTo(FROM + 3 * MINUTE);
    expect(await filled).toMatchObject([{ id: '1', status: 'closed', filled: 2, average: 100 }]);
    const fill = { id: '1', order: '1', price: 100, amount: 2, fee: { cost: 0.002, currency: 'BTC' } };
    expect(await trades).toMatchObject([fill]);
    expect(await restClient().fetchMyTrades('BTC/USDT')).toMatchObject([fill]);
  });
});
