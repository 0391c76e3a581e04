import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RunningSimulator, startSimulator } from '../start-simulator.ts';
import { BinanceClient } from '../testing/binance-client.ts';
import { FROM, fixtureMarket, flat, MINUTE, type Prices, VENUE } from '../testing/market-fixture.ts';

const gapped: Prices[] = [...flat(1), null, ...flat(2)];
const market = fixtureMarket({ BTCUSDT: flat(4), ETHUSDT: gapped });
const marketBuy = { symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quantity: '1' };

let simulator: RunningSimulator;
let api: BinanceClient;

async function start(options: Partial<Parameters<typeof startSimulator>[0]> = {}): Promise<void> {
  simulator = await startSimulator({ market, venue: VENUE, ...options });
  api = new BinanceClient(simulator);
}

beforeEach(() => start());
afterEach(() => simulator.close());

async function openOrders(): Promise<number> {
  return ((await api.signed('GET', 'openOrders')).body as unknown[]).length;
}

async function finished(): Promise<void> {
  for (;;) {
    const { body } = await api.control('GET', 'status');
    if ((body as { finished: boolean }).finished) return;
  }
}

describe('lock-step', () => {
  it('says where the run stands and moves it by advance', async () => {
    expect((await api.control('GET', 'status')).body).toEqual({
      run: simulator.run,
      mode: 'lockstep',
      speed: null,
      finished: false,
      interval: '1m',
      symbols: ['BTCUSDT', 'ETHUSDT'],
      cursor: null,
      total: 4,
      done: 0,
      from: FROM,
      to: FROM + 4 * MINUTE,
      time: FROM,
    });
    await api.advance();
    expect((await api.advance()).body).toEqual({
      done: false,
      step: 'close',
      openTime: FROM + MINUTE,
      closed: ['BTCUSDT'],
      missing: ['ETHUSDT'],
      cycle: true,
      time: FROM + 2 * MINUTE,
      cursor: { openTime: FROM + MINUTE, step: 'close' },
    });
    for (let at = 0; at < 3; at += 1) await api.advance();
    expect((await api.control('GET', 'status')).body).toMatchObject({ finished: true, done: 4 });
    expect((await api.advance()).body).toMatchObject({ done: true, step: 'end' });
  });

  it('a repeated advance does not advance twice', async () => {
    const first = (await api.control('POST', 'advance', { after: null })).body;
    expect((await api.control('POST', 'advance', { after: null })).body).toEqual(first);
    expect((await api.control('GET', 'status')).body).toMatchObject({ done: 1 });
    const wrong = await api.control('POST', 'advance', { after: { openTime: 5, step: 'close' } });
    expect(wrong).toMatchObject({ status: 409, body: { code: 'CURSOR_MISMATCH' } });
  });

  it('shows the account for the proof', async () => {
    await api.advance();
    await api.order({ ...marketBuy, newClientOrderId: 'm' });
    expect((await api.control('GET', 'account')).body).toMatchObject({
      run: simulator.run,
      balances: { USDT: { free: '9897.898', locked: '102.102' }, BTC: { free: '5', locked: '0' } },
      openOrders: [{ clientOrderId: 'm', orderId: 1 }],
      lastTradeIds: { BTCUSDT: 0, ETHUSDT: 0 },
    });
    await api.advance();
    expect((await api.control('GET', 'account')).body).toMatchObject({
      balances: { USDT: { free: '9900', locked: '0' }, BTC: { free: '5.999', locked: '0' } },
      openOrders: [],
      lastTradeIds: { BTCUSDT: 1 },
      orders: 1,
      trades: 1,
    });
  });

  it('refuses what it cannot read, and a speed', async () => {
    expect((await api.control('POST', 'advance', { afterwards: 1 })).status).toBe(400);
    expect((await api.control('POST', 'speed', { speed: 'fast' })).status).toBe(400);
    expect(await api.control('POST', 'speed', { speed: '60x' })).toMatchObject({
      status: 409,
      body: { code: 'LOCKSTEP' },
    });
    const response = await fetch(`${simulator.controlUrl}/control/advance`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{',
    });
    expect(response.status).toBe(400);
  });
});

describe('transfer', () => {
  it('moves free money in and out of the account', async () => {
    const move = (amount: string, asset = 'USDT') => api.control('POST', 'transfer', { asset, amount });
    expect((await move('250.5')).body).toMatchObject({ balances: { USDT: { free: '10250.5' } } });
    expect((await move('-10250.5')).body).toMatchObject({ balances: { USDT: { free: '0' } } });
    expect(await move('-1')).toMatchObject({ status: 409, body: { code: 'INSUFFICIENT_BALANCE' } });
    expect((await move('1', 'GOLD')).status).toBe(409);
    expect((await move('0')).status).toBe(400);
  });
});

describe('paced', () => {
  it('plays by itself; a new speed holds at once; an order fills in the next open', async () => {
    await simulator.close();
    // Real time until the order stands, which is after the first open; then as fast as it goes.
    await start({ speed: 1, market: fixtureMarket({ BTCUSDT: flat(4) }, { from: FROM + MINUTE }) });
    expect((await api.order({ ...marketBuy, newClientOrderId: 'm' })).status).toBe(200);
    expect((await api.control('GET', 'status')).body).toMatchObject({ mode: 'paced', speed: '1x', done: 0 });
    expect(await api.advance()).toMatchObject({ status: 409, body: { code: 'PACED' } });
    expect(await (await fetch(`${simulator.url}/sim/run`)).json()).toMatchObject({ mode: 'paced' });
    expect((await api.control('POST', 'speed', { speed: 'max' })).body).toEqual({ speed: 'max' });
    await finished();
    const trades = await api.signed('GET', 'myTrades', { symbol: 'BTCUSDT' });
    expect(trades.body).toMatchObject([{ orderId: 1, price: '100.00000000', time: FROM + 2 * MINUTE }]);
  });

  it('ends the run at the end of the market', async () => {
    await simulator.close();
    await start({ speed: Number.POSITIVE_INFINITY });
    await finished();
    expect((await api.control('GET', 'status')).body).toMatchObject({ done: 4, speed: 'max' });
    expect((await api.order(marketBuy)).body).toMatchObject({ msg: 'Market is closed.' });
  });
});

describe('faults', () => {
  const order = () => api.order({ ...marketBuy, newClientOrderId: 'm' });
  beforeEach(async () => {
    await api.advance();
  });

  it.each([
    ['http-503', 0],
    ['timeout', 0],
    ['drop-answer', 1],
    ['order-accepted-no-answer', 1],
  ])('%s: the caller learns nothing, and %i orders stand', async (kind, orders) => {
    await api.control('POST', 'fault', { kind, endpoint: 'POST /api/v3/order', times: 1, ms: 10 });
    const answer = await order().catch((error: unknown) => error);
    if (kind === 'http-503') expect(answer).toMatchObject({ status: 503, body: { code: -1008 } });
    else expect(answer).toBeInstanceOf(Error);
    expect(await openOrders()).toBe(orders);
    const next = await order();
    expect(next.status).toBe(orders === 0 ? 200 : 400);
  });

  it('delay: a request that comes late is judged by its window then', async () => {
    await api.control('POST', 'fault', { kind: 'delay', endpoint: '/api/v3/order', ms: 30 });
    expect((await api.order({ ...marketBuy, recvWindow: 10 })).body).toMatchObject({ code: -1021 });
  });

  it('strikes only its endpoint, as often as it says', async () => {
    await api.control('POST', 'fault', { kind: 'http-503', endpoint: 'POST /api/v3/order', times: 2 });
    expect((await api.get('ping')).status).toBe(200);
    expect([(await order()).status, (await order()).status, (await order()).status]).toEqual([503, 503, 200]);
  });
});

describe('addresses', () => {
  it('says which port is taken and leaves nothing behind', async () => {
    const port = Number(new URL(simulator.controlUrl).port);
    await expect(startSimulator({ market, venue: VENUE, controlPort: port })).rejects.toMatchObject({
      code: 'SIMULATOR_CANNOT_LISTEN',
      message: expect.stringContaining(`127.0.0.1:${port}`),
    });
  });
});
