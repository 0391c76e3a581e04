import { setTimeout as sleep } from 'node:timers/promises';
import { decimal, text } from '@fleet/domain/money';
import { loadSyntheticMarket, type RunningSimulator, startSimulator } from '@fleet/exchange-simulator';
import { testDatabase, testRedis } from '@fleet/testkit/infrastructure';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ExecutorFleet, type StatusEvent } from '../test/executor-fleet.ts';
import { type Reference, type ReferenceOrder, reference, totals } from '../test/reference.ts';
import { FROM, INSTRUMENTS, MINUTE, SYMBOLS, scripted, VENUE } from '../test/script.ts';

const SETS = 90;
const STEPS_BETWEEN_KILLS = 45;
const STEPS_BETWEEN_FAULTS = 12;
/** Struck one after the other; the orders of the script run into them. */
const FAULTS: readonly (readonly [kind: string, endpoint?: string, more?: object])[] = [
  ['drop-answer', 'POST /api/v3/order'],
  ['disconnect-ws'],
  ['http-503', 'POST /api/v3/order/cancelReplace'],
  ['order-accepted-no-answer', 'POST /api/v3/order', { ms: 3_000 }],
  ['drop-answer', 'POST /api/v3/order/cancelReplace'],
  ['disconnect-ws'],
  ['http-503', 'POST /api/v3/order'],
  ['timeout', 'POST /api/v3/order/cancelReplace', { ms: 500 }],
];

const market = () =>
  loadSyntheticMarket(INSTRUMENTS, {
    ...{ seed: 'executor', symbols: SYMBOLS, interval: '1m', historyBars: 5 },
    ...{ from: FROM, to: FROM + SETS * MINUTE },
  });

const database = await testDatabase();
const redis = await testRedis();
let simulator: RunningSimulator;
let fleet: ExecutorFleet;

/** The script through the process: approvals published at each close, quiet after each step. */
async function replay(disturb: () => void | Promise<void>): Promise<void> {
  for (;;) {
    const { openTime, cycle } = await fleet.advance();
    await disturb();
    const approvals = cycle ? await approve(openTime) : [];
    await fleet.quiet(() => allTaken(approvals));
    if (cycle && openTime === FROM + (SETS - 2) * MINUTE) return;
  }
}

async function approve(openTime: number): Promise<string[]> {
  const { balances, lastPrices: prices } = await fleet.account();
  const orders = scripted({ run: fleet.run, openTime, epoch: 1, held: totals(balances), prices });
  for (const order of orders) await fleet.authorise(order, openTime);
  return orders.map(({ clientOrderId }) => clientOrderId);
}

/** A cycle is complete when each of its orders is acknowledged or has ended. */
async function allTaken(approvals: readonly string[]): Promise<boolean> {
  if (approvals.length === 0) return true;
  const said = new Set((await fleet.events()).map(({ data }) => data['clientOrderId']));
  return approvals.every((id) => said.has(id));
}

function ordersOf(events: readonly StatusEvent[]): ReferenceOrder[] {
  const orders = new Map<string, ReferenceOrder>();
  for (const { type, data } of events) {
    if (!type.startsWith('order.')) continue;
    const id = String(data['clientOrderId']);
    const known = orders.get(id);
    orders.set(id, {
      ...(Object.fromEntries(
        ['cycleId', 'symbol', 'purpose', 'sequence', 'side', 'type', 'quantity'].map((name) => [
          name,
          data[name],
        ]),
      ) as unknown as ReferenceOrder),
      sequence: 0,
      triggerPrice: (data['triggerPrice'] as string | undefined) ?? known?.triggerPrice ?? null,
      filled: String(data['filledQuantity'] ?? known?.filled ?? '0'),
      state: stateAfter(type, data, known?.state ?? ''),
    });
  }
  return [...orders.values()];
}

function stateAfter(type: string, data: StatusEvent['data'], before: string): string {
  switch (type) {
    case 'order.accepted':
      return 'ACCEPTED';
    case 'order.filled':
      return data['complete'] ? 'FILLED' : 'PARTIALLY_FILLED';
    case 'order.canceled':
      return 'CANCELED';
    case 'order.rejected':
      return 'REJECTED';
    case 'order.expired':
      return 'EXPIRED';
    default:
      return before;
  }
}

/** exec.status carries the account's sequence, so the order's own is taken out of the comparison. */
const comparable = (orders: readonly ReferenceOrder[]) =>
  orders
    .map((order) => ({ ...order, sequence: 0 }))
    .sort((left, right) =>
      JSON.stringify([left.cycleId, left.symbol, left.purpose, left.triggerPrice, left.quantity]) <
      JSON.stringify([right.cycleId, right.symbol, right.purpose, right.triggerPrice, right.quantity])
        ? -1
        : 1,
    );

function barsOf(): Map<
  number,
  { symbol: string; openTime: number; open: number; high: number; low: number; close: number }[]
> {
  const { series } = market();
  const sets = new Map();
  for (let openTime = FROM; openTime < FROM + (SETS - 1) * MINUTE; openTime += MINUTE) {
    const bars = SYMBOLS.flatMap((symbol) => {
      const bar = series.get(symbol)?.at(openTime);
      if (bar === null || bar === undefined) return [];
      const { open, high, low, close } = bar;
      return [
        { symbol, openTime, open: Number(open), high: Number(high), low: Number(low), close: Number(close) },
      ];
    });
    sets.set(openTime, bars);
  }
  return sets;
}

async function proveEqual(expected: Reference): Promise<void> {
  const events = await fleet.events();
  expect(events.map(({ data }) => data.sequence)).toEqual(events.map((_, index) => index + 1));
  expect(comparable(ordersOf(events))).toEqual(comparable(expected.orders));
  const fills = events.filter(({ type }) => type === 'order.filled');
  const ids = fills.map(({ data }) => `${data['symbol']} ${data['tradeId']}`);
  expect(new Set(ids).size).toBe(ids.length);
  const account = await fleet.account();
  expect({ orders: account.orders, trades: account.trades }).toEqual({
    orders: expected.orders.filter(({ state }) => state !== 'REJECTED').length,
    trades: expected.trades,
  });
  expect(fills).toHaveLength(account.trades);
  const venue = Object.entries(account.balances).map(([asset, { free, locked }]) => [
    asset,
    text(decimal(free).add(locked)),
  ]);
  expect(Object.fromEntries(venue)).toEqual(expected.balances);
  const reconciled = (await (await fleet.post('/admin/trade/reconcile', {})).json()) as object;
  expect(reconciled).toEqual({ clean: true, differences: [], frozenSymbols: [] });
}

beforeEach(async () => {
  simulator = await startSimulator({ market: market(), venue: VENUE });
  fleet = await ExecutorFleet.open({
    ...{ database, redis, simulator },
    ...{ symbols: SYMBOLS, instruments: INSTRUMENTS },
  });
});

afterEach(async () => {
  await fleet.close();
  await simulator.close();
  await redis.client.flushdb();
});

describe('a replay through the process gives the orders and fills of desk and venue alone', () => {
  it('when it is killed at random moments', async () => {
    const expected = reference(barsOf(), fleet.run);
    expect(new Set(expected.orders.map(({ purpose }) => purpose)).size).toBeGreaterThan(4);
    await fleet.start();
    await fleet.ready();
    const restarts: Promise<void>[] = [];
    let steps = 0;
    await replay(() => {
      steps += 1;
      if (steps % STEPS_BETWEEN_KILLS === 0) restarts.push(restart((steps * 7) % 23));
    });
    await Promise.all(restarts);
    expect(restarts.length).toBeGreaterThan(2);
    await proveEqual(expected);
  }, 240_000);

  it('when the venue answers late, wrongly or not at all', async () => {
    const expected = reference(barsOf(), fleet.run);
    await fleet.start();
    await fleet.ready();
    const struck: string[] = [];
    let steps = 0;
    await replay(async () => {
      steps += 1;
      const fault = FAULTS[Math.floor(steps / STEPS_BETWEEN_FAULTS) % FAULTS.length];
      if (steps % STEPS_BETWEEN_FAULTS !== 0 || fault === undefined) return;
      const [kind, endpoint, more] = fault;
      struck.push(kind);
      await fleet.fault(kind, endpoint, more);
    });
    expect(new Set(struck).size).toBe(5);
    await proveEqual(expected);
    const said = new Set((await fleet.events()).map(({ type }) => type));
    expect([...said]).toEqual(expect.arrayContaining(['order.unknown', 'order.resolved']));
  }, 240_000);
});

async function restart(afterMs: number): Promise<void> {
  await sleep(afterMs);
  await fleet.kill();
  await fleet.start();
}
