import { setTimeout as sleep } from 'node:timers/promises';
import { loadSyntheticMarket, type RunningSimulator, startSimulator } from '@fleet/exchange-simulator';
import { testDatabase, testRedis } from '@fleet/testkit/infrastructure';
import { afterEach, describe, expect, it } from 'vitest';
import { ExecutorFleet } from '../test/executor-fleet.ts';
import { approval, FROM, INSTRUMENTS, MINUTE, SYMBOLS, VENUE, type Wish } from '../test/script.ts';

const database = await testDatabase();
const redis = await testRedis();
let simulator: RunningSimulator;
let fleet: ExecutorFleet;

/** A fleet on a market of its own, two sets on. */
async function open(speed?: number): Promise<number> {
  const market = loadSyntheticMarket(INSTRUMENTS, {
    ...{ seed: 'gates', symbols: SYMBOLS, interval: '1m', historyBars: 5 },
    ...{ from: FROM, to: FROM + 60 * MINUTE },
  });
  simulator = await startSimulator({ market, venue: VENUE, ...(speed === undefined ? {} : { speed }) });
  fleet = await ExecutorFleet.open({
    ...{ database, redis, simulator },
    ...{ symbols: SYMBOLS, instruments: INSTRUMENTS },
  });
  await fleet.start();
  await fleet.ready();
  if (speed !== undefined) return FROM;
  return nextClose();
}

async function nextClose(): Promise<number> {
  for (;;) {
    const { cycle, openTime } = await fleet.advance();
    await fleet.quiet();
    if (cycle) return openTime;
  }
}

afterEach(async () => {
  await fleet.close();
  await simulator.close();
  await redis.client.flushdb();
});

let sequence = 0;
function entry(openTime: number, over: Partial<Wish> = {}) {
  sequence += 1;
  const wish: Wish = {
    ...{ symbol: 'BTCUSDT', side: 'buy', purpose: 'entry', quantity: '0.01', stopDistance: '50' },
    ...over,
  };
  return approval(wish, sequence, { run: fleet.run, openTime, epoch: fleet.trading.epoch });
}

const codes = async () =>
  (await fleet.events()).flatMap(({ type, data }) =>
    type === 'order.rejected' ? [String(data['code'])] : [],
  );

describe('in lock-step', () => {
  it('nothing goes out while the state key is missing, unreadable, behind or another run’s; then it does', async () => {
    const openTime = await open();
    const order = entry(openTime);
    await fleet.setState(null);
    await fleet.authorise(order, openTime);
    await fleet.until('the intent', async () => (await fleet.status()).openIntents === 1);
    const key = async (text: string) => {
      await redis.client.set('trading:state', text);
      await sleep(60);
      expect((await fleet.account()).orders).toBe(0);
    };
    await sleep(2_500); // longer than the request's own window: it is written down anew, not sent too late
    await key('{"mode":');
    await key(JSON.stringify({ ...fleet.trading, run: 'another' }));
    await key(JSON.stringify({ ...fleet.trading, epoch: 0, run: fleet.run }));
    expect((await fleet.status()).openOrders).toEqual([]);
    await fleet.setState({});
    await fleet.quiet(async () => (await fleet.account()).orders === 1);
    expect((await fleet.status()).openOrders).toEqual([order.clientOrderId]);
  });

  it('a halted or reducing state refuses entries, an epoch of before everything but its own cycle', async () => {
    const openTime = await open();
    const refused = async (over: Partial<Wish> = {}) => {
      const before = (await codes()).length;
      await fleet.authorise(entry(openTime, over), openTime);
      await fleet.until('the refusal', async () => (await codes()).length > before);
      return (await codes()).at(-1);
    };
    await fleet.setState({ mode: 'HALTED', reason: 'ADMIN' });
    expect(await refused()).toBe('STATE_HALTED');
    await fleet.setState({ mode: 'REDUCING' });
    expect(await refused()).toBe('STATE_REDUCING');
    const old = entry(openTime);
    await fleet.setState({ mode: 'ACTIVE', epoch: 2 });
    await fleet.authorise(old, openTime);
    await fleet.until('the refusal', async () => (await codes()).length === 3);
    expect((await codes()).at(-1)).toBe('STATE_EPOCH');
    expect((await fleet.account()).orders).toBe(0);
    const late = { ...entry(openTime), expiresAt: openTime };
    await fleet.authorise(late, openTime);
    await fleet.until('the refusal', async () => (await codes()).length === 4);
    expect((await codes()).at(-1)).toBe('APPROVAL_EXPIRED');
  });

  it('a forged approval is never sent', async () => {
    const openTime = await open();
    await fleet.authorise(entry(openTime), openTime, { signature: 'A'.repeat(88) });
    await fleet.until('the refusal', async () => (await codes()).includes('SIGNATURE_INVALID'));
    expect((await fleet.notifications()).map(({ data }) => data.code)).toEqual(['SIGNATURE_INVALID']);
    expect((await fleet.account()).orders).toBe(0);
  });

  it('the stop of a filled entry goes out in every state, and stands while the executor is down', async () => {
    const openTime = await open();
    await fleet.authorise(entry(openTime, { stopDistance: '2000' }), openTime);
    await fleet.quiet(async () => (await fleet.account()).orders === 1);
    await fleet.setState({ mode: 'HALTED', reason: 'ADMIN', epoch: 2 });
    await fleet.advance();
    await fleet.quiet(async () => (await fleet.account()).orders === 2);
    const { openOrders } = await fleet.account();
    await fleet.kill();
    expect((await fleet.account()).openOrders).toEqual(openOrders);
    await fleet.start();
    await fleet.ready();
    await fleet.quiet();
    expect(await fleet.account()).toMatchObject({ orders: 2 });
  });
});

describe('paced, as live', () => {
  it('a missing state key refuses at once', async () => {
    const openTime = await open(1);
    await fleet.setState(null);
    await fleet.authorise(entry(openTime), openTime);
    await fleet.until('the refusal', async () => (await codes()).length === 1);
    expect(await codes()).toEqual(['STATE_UNREADABLE']);
    expect((await fleet.account()).orders).toBe(0);
  });
});

describe('routes', () => {
  it('a manual order goes to risk, once for its key, and its history can be asked', async () => {
    const openTime = await open();
    const body = { symbol: 'ETHUSDT', side: 'buy', quantity: '0.5', reason: 'by hand' };
    expect((await fleet.post('/trade/submit', body)).status).toBe(400);
    const headers = { 'idempotency-key': 'manual-1' };
    const first = await fleet.post('/trade/submit', body, headers);
    expect(first.status).toBe(202);
    const answer = (await first.json()) as { proposalId: string; clientOrderId: string; status: string };
    expect(await (await fleet.post('/trade/submit', body, headers)).json()).toEqual(answer);
    await fleet.until('the proposal', async () => (await fleet.proposals()).length > 0);
    const [proposal, ...more] = await fleet.proposals();
    expect(more).toEqual([]);
    expect(proposal?.data).toMatchObject({
      ...{ proposalId: answer.proposalId, purpose: 'manual', symbol: 'ETHUSDT', quantity: '0.5' },
      ...{
        barTime: openTime,
        day: '2024-08-01',
        decidedAt: openTime + MINUTE,
        cycleId: expect.stringMatching(/^manual:/),
      },
    });
    const history = await fetch(`${fleet.url}${answer.status}`);
    expect(await history.json()).toMatchObject({
      order: { state: 'PROPOSED' },
      denial: null,
      fills: [],
      requests: [],
      events: [],
    });
    const message = 'POSITION_ABOVE_LIMIT held=1';
    const denied = { cycleId: 'c', symbol: 'ETHUSDT', code: 'POSITION_ABOVE_LIMIT', figures: {}, message };
    await fleet.publish('order.denied', { ...denied, proposalId: 'f'.repeat(64) });
    await fleet.publish('order.denied', { ...denied, proposalId: answer.proposalId });
    await fleet.until('the denial', async () => {
      const body = (await (await fetch(`${fleet.url}${answer.status}`)).json()) as { denial: unknown };
      return body.denial !== null;
    });
    expect(await (await fetch(`${fleet.url}${answer.status}`)).json()).toMatchObject({
      order: { state: 'DENIED' },
      denial: { code: 'POSITION_ABOVE_LIMIT', message },
    });
    expect((await fetch(`${fleet.url}/trade/status/${'0'.repeat(32)}`)).status).toBe(404);
    expect((await fetch(`${fleet.url}/trade/status/what`)).status).toBe(400);
    for (const bad of [
      { symbol: 'SOLUSDT' },
      { type: 'limit' },
      { side: 'sell', stopDistance: '1' },
      { quantity: '0' },
    ])
      expect(
        (await fleet.post('/trade/submit', { ...body, ...bad }, { 'idempotency-key': JSON.stringify(bad) }))
          .status,
      ).toBe(400);
  });

  it('cancel-all takes entries back and leaves stops, unless it is asked for', async () => {
    const openTime = await open();
    await fleet.authorise(entry(openTime, { stopDistance: '2000' }), openTime);
    await fleet.quiet(async () => (await fleet.account()).orders === 1);
    const next = await nextClose();
    expect((await fleet.account()).openOrders).toHaveLength(1);
    const second = entry(next, { symbol: 'ETHUSDT', quantity: '0.1' });
    await fleet.authorise(second, next);
    await fleet.quiet(async () => (await fleet.account()).openOrders.length === 2);
    expect(
      (await fleet.post('/admin/trade/cancel-all', {}, { 'x-admin-token': 'wrong-token-wrong-token' }))
        .status,
    ).toBe(401);
    // The client's ids do not make the second a repetition of the first.
    const same = { 'x-request-id': 'cancel' };
    const answer = await fleet.post('/admin/trade/cancel-all', {}, same);
    expect(await answer.json()).toEqual({ entries: [second.clientOrderId], stops: [] });
    await fleet.quiet(async () => (await fleet.account()).openOrders.length === 1);
    const orders = (
      (await (await fetch(`${fleet.url}/trade/open`)).json()) as { orders: { purpose: string }[] }
    ).orders;
    expect(orders.map(({ purpose }) => purpose)).toEqual(['stop']);
    await fleet.post('/admin/trade/cancel-all', { cancelStops: true }, same);
    await fleet.quiet(async () => (await fleet.account()).openOrders.length === 0);
  });
});
