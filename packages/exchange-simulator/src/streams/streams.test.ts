import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { PAPER_KEY, type RunningSimulator, startSimulator } from '../start-simulator.ts';
import { BinanceClient, signatureOf } from '../testing/binance-client.ts';
import { FROM, fixtureMarket, flat, MINUTE, type Prices, VENUE } from '../testing/market-fixture.ts';

type Message = Readonly<Record<string, unknown>>;

/** A connection that keeps its messages until they are asked for. */
class Reader {
  readonly socket: WebSocket;
  private readonly arrived: Message[] = [];
  private readonly waiting: ((message: Message) => void)[] = [];

  constructor(path: string) {
    this.socket = new WebSocket(`${simulator.wsUrl}${path}`);
    this.socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as Message;
      const next = this.waiting.shift();
      if (next === undefined) this.arrived.push(message);
      else next(message);
    });
  }

  opened(): Promise<this> {
    return new Promise((resolve, reject) => {
      this.socket.once('open', () => resolve(this));
      this.socket.once('error', reject);
    });
  }

  closed(): Promise<void> {
    return new Promise((resolve) => this.socket.once('close', () => resolve()));
  }

  next(): Promise<Message> {
    const message = this.arrived.shift();
    if (message !== undefined) return Promise.resolve(message);
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  ask(request: unknown): Promise<Message> {
    this.socket.send(typeof request === 'string' ? request : JSON.stringify(request));
    return this.next();
  }
}

const eth: Prices[] = [[50, 51, 49, 50.5], null, ...flat(2)];
let simulator: RunningSimulator;
let api: BinanceClient;

beforeEach(async () => {
  simulator = await startSimulator({
    market: fixtureMarket({ BTCUSDT: flat(4), ETHUSDT: eth }),
    venue: VENUE,
  });
  api = new BinanceClient(simulator);
});
afterEach(() => simulator.close());

describe('market streams', () => {
  it('pushes closed candles in configured order, nothing for an absent one', async () => {
    const reader = await new Reader('/stream?streams=ethusdt@kline_1m/btcusdt@kline_1m').opened();
    await api.advance();
    expect(await reader.next()).toMatchObject({
      stream: 'btcusdt@kline_1m',
      data: { e: 'kline', s: 'BTCUSDT', E: FROM + MINUTE },
    });
    expect(await reader.next()).toMatchObject({
      stream: 'ethusdt@kline_1m',
      data: {
        k: {
          t: FROM,
          T: FROM + MINUTE - 1,
          s: 'ETHUSDT',
          i: '1m',
          x: true,
          o: '50',
          h: '51',
          l: '49',
          c: '50.5',
          v: '10',
        },
      },
    });
    await api.advance();
    expect(await reader.next()).toMatchObject({ data: { k: { t: FROM + MINUTE, s: 'BTCUSDT' } } });
    await api.advance();
    expect(await reader.next()).toMatchObject({ data: { k: { t: FROM + 2 * MINUTE, s: 'BTCUSDT' } } });
    expect(await reader.next()).toMatchObject({ data: { k: { t: FROM + 2 * MINUTE, s: 'ETHUSDT' } } });
  });

  it('takes single streams by path and subscriptions by message', async () => {
    const reader = await new Reader('/ws/ethusdt@kline_1m').opened();
    expect(
      await reader.ask({ method: 'SUBSCRIBE', params: ['btcusdt@trade', 'btcusdt@bookTicker'], id: 1 }),
    ).toEqual({ result: null, id: 1 });
    expect(await reader.ask({ method: 'UNSUBSCRIBE', params: ['ethusdt@kline_1m'], id: 2 })).toEqual({
      result: null,
      id: 2,
    });
    expect(await reader.ask({ method: 'LIST_SUBSCRIPTIONS', id: 3 })).toEqual({
      result: ['btcusdt@trade', 'btcusdt@bookTicker'],
      id: 3,
    });
    await api.advance();
    expect(await reader.next()).toMatchObject({
      e: 'trade',
      s: 'BTCUSDT',
      p: '100.00000000',
      q: '10.00000000',
    });
    expect(await reader.next()).toMatchObject({ s: 'BTCUSDT', b: '100.00000000', a: '100.01000000' });
  });

  it.each([
    ['an unknown stream', { method: 'SUBSCRIBE', params: ['zzzusdt@kline_1m'], id: 1 }, /invalid stream/],
    ['another interval', { method: 'SUBSCRIBE', params: ['btcusdt@kline_5m'], id: 1 }, /invalid stream/],
    ['no list', { method: 'SUBSCRIBE', params: 'btcusdt@trade', id: 1 }, /array/],
    ['an unknown method', { method: 'SHOUT', id: 1 }, /unknown method/],
    ['no JSON', 'hello', /unknown method/],
  ])('refuses %s and stays open', async (_name, request, message) => {
    const reader = await new Reader('/ws/0').opened();
    expect(await reader.ask(request)).toMatchObject({
      error: { code: 2, msg: expect.stringMatching(message) },
    });
    expect(await reader.ask({ method: 'LIST_SUBSCRIPTIONS', id: 2 })).toEqual({ result: [], id: 2 });
  });

  it('refuses other paths', async () => {
    await expect(new Reader('/elsewhere').opened()).rejects.toThrow(/404/);
  });
});

describe('user data', () => {
  const subscribe = (change: Record<string, unknown> = {}, secret?: string) => {
    const params = { apiKey: PAPER_KEY.key, timestamp: Date.now(), ...change };
    const text = Object.entries(params)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([name, value]) => `${name}=${String(value)}`)
      .join('&');
    const signature = signatureOf(text, secret);
    return { id: 's', method: 'userDataStream.subscribe.signature', params: { ...params, signature } };
  };

  it('wraps the events of the account, in order, for every subscriber', async () => {
    const [one, two] = [await new Reader('/ws-api/v3').opened(), await new Reader('/ws-api/v3').opened()];
    for (const reader of [one, two])
      expect(await reader.ask(subscribe())).toMatchObject({
        id: 's',
        status: 200,
        result: { subscriptionId: 0 },
      });
    await api.advance();
    await api.order({ symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quantity: '1', newClientOrderId: 'm' });
    await api.advance();
    for (const reader of [one, two]) {
      const events = [await reader.next(), await reader.next(), await reader.next(), await reader.next()];
      expect(events.map(({ subscriptionId }) => subscriptionId)).toEqual([0, 0, 0, 0]);
      expect(events.map(({ event }) => [(event as Message)['e'], (event as Message)['x']])).toEqual([
        ['executionReport', 'NEW'],
        ['outboundAccountPosition', undefined],
        ['executionReport', 'TRADE'],
        ['outboundAccountPosition', undefined],
      ]);
    }
  });

  it('tells of deposits', async () => {
    const reader = await new Reader('/ws-api/v3').opened();
    await reader.ask(subscribe());
    await api.control('POST', 'transfer', { asset: 'USDT', amount: '5' });
    expect(await reader.next()).toMatchObject({
      event: { e: 'balanceUpdate', a: 'USDT', d: '5.00000000', T: FROM },
    });
    expect(await reader.next()).toMatchObject({ event: { B: [{ a: 'USDT', f: '10005.00000000' }] } });
  });

  it('names the canceled order and the cancel', async () => {
    const reader = await new Reader('/ws-api/v3').opened();
    await reader.ask(subscribe());
    await api.order({
      symbol: 'BTCUSDT',
      side: 'SELL',
      type: 'LIMIT',
      timeInForce: 'GTC',
      quantity: '1',
      price: '120',
      newClientOrderId: 'o',
    });
    await api.signed('DELETE', 'order', {
      symbol: 'BTCUSDT',
      origClientOrderId: 'o',
      newClientOrderId: 'cancel',
    });
    const seen = [await reader.next(), await reader.next(), await reader.next(), await reader.next()];
    expect(seen[2]).toMatchObject({ event: { x: 'CANCELED', X: 'CANCELED', c: 'cancel', C: 'o', i: 1 } });
    expect(seen[3]).toMatchObject({
      event: { B: [{ a: 'BTC', f: '5.00000000', l: '0.00000000' }, { a: 'USDT' }] },
    });
  });

  it.each([
    ['another key', () => subscribe({ apiKey: 'other' }), -2015],
    ['another secret', () => subscribe({}, 'other'), -1022],
    ['an old timestamp', () => subscribe({ timestamp: Date.now() - 6_000 }), -1021],
    ['no parameters', () => ({ id: 's', method: 'userDataStream.subscribe.signature' }), -1102],
    ['an unknown method', () => ({ id: 's', method: 'order.place' }), -1020],
    ['no JSON', () => 'hello', -1130],
  ])('refuses %s', async (_name, request, code) => {
    const reader = await new Reader('/ws-api/v3').opened();
    expect(await reader.ask(request())).toMatchObject({ error: { code } });
  });

  it('answers ping and time, and forgets an unsubscribed reader', async () => {
    const reader = await new Reader('/ws-api/v3').opened();
    expect(await reader.ask({ id: 1, method: 'ping' })).toMatchObject({ id: 1, status: 200, result: {} });
    expect(await reader.ask({ id: 2, method: 'time' })).toMatchObject({
      result: { serverTime: expect.any(Number) },
    });
    await reader.ask(subscribe());
    await reader.ask({ id: 3, method: 'userDataStream.unsubscribe' });
    await api.order({
      symbol: 'BTCUSDT',
      side: 'SELL',
      type: 'LIMIT',
      timeInForce: 'GTC',
      quantity: '1',
      price: '120',
    });
    expect(await reader.ask({ id: 4, method: 'ping' })).toMatchObject({ id: 4 });
  });

  it('disconnect-ws cuts every connection', async () => {
    const readers = [await new Reader('/ws-api/v3').opened(), await new Reader('/ws/0').opened()];
    const closed = Promise.all(readers.map((reader) => reader.closed()));
    await api.control('POST', 'fault', { kind: 'disconnect-ws' });
    await closed;
    await new Reader('/ws/0').opened();
  });
});
