import type { NewEvent } from '@fleet/shared/streams';
import { type Fed, MINUTE, START } from '@fleet/testkit/account-events';
import { type RunningService, serviceScene, until } from '@fleet/testkit/services';
import { applyWrites } from '@fleet/testkit/tables';
import { expect, test } from 'vitest';
import { barSet, configuration, dayOpened, fed, feed, RUN, snapshot, tradingState } from '../test/inputs.ts';
import { PROGRAM } from '../test/program.ts';
import { Story } from '../test/story.ts';
import { REBALANCE } from './planning/processor.ts';
import { createState, type PlanningState } from './planning/state.ts';
import { loadState, stateRows } from './planning/state-store.ts';

const { database, start, write, said } = await serviceScene(PROGRAM, { emptied: true });

const plain = (events: readonly NewEvent[]) => events.map(({ type, data }) => ({ type, data }));

test('a state that was stored and loaded again, at any moment, says the same to the last digit', async () => {
  for (const seed of [1, 2, 3, 4]) {
    const story = new Story(seed);
    const run = `${RUN}-${seed}`;
    const whole = createState(run, configuration);
    let restored = createState(run, configuration);
    const purposes = new Set<string>();
    for (let minute = 0; minute < 70; minute += 1) {
      const { before, set } = story.next();
      const request = minute % 7 === 6 ? [fed(REBALANCE, { requestId: `rebalance ${minute}` })] : [];
      for (const event of [...before, ...set, ...request]) {
        const expected = feed(whole, event);
        expect(plain(feed(restored, event))).toEqual(plain(expected));
        story.take(expected);
        for (const { data } of expected) purposes.add((data as { purpose?: string }).purpose ?? '');
        // In the middle of a set as well.
        if (minute % 3 === 0) restored = await stored(restored);
      }
      restored = await stored(restored);
    }
    for (const purpose of ['entry', 'exit']) expect(purposes).toContain(purpose);
    expect(restored.portfolio.positions).toEqual(whole.portfolio.positions);
    expect(restored.portfolio.working).toEqual(whole.portfolio.working);
    expect([...restored.portfolio.blocked]).toEqual([...whole.portfolio.blocked]);
    expect(restored.portfolio.windows.map((window) => window.deviation())).toEqual(
      whole.portfolio.windows.map((window) => window.deviation()),
    );
  }
});

async function stored(state: PlanningState): Promise<PlanningState> {
  await applyWrites(database.pool, stateRows(state));
  return loadState(database.pool, state.run, configuration);
}

/** Until the service stands where the undisturbed one does. */
async function caughtUp(service: RunningService, { portfolio, plannedSet }: PlanningState): Promise<void> {
  await until(async () => {
    const status = await service.status();
    return (
      status['execSequence'] === portfolio.ledgerVersion &&
      status['stateEpoch'] === (portfolio.trading?.epoch ?? 0) &&
      status['day'] === portfolio.day &&
      status['plannedSet'] === plannedSet &&
      status['working'] === portfolio.working.size
    );
  });
}

test('kill -9 in the middle loses nothing and books nothing twice: all it says is that of an undisturbed run', async () => {
  const story = new Story(3);
  const state = createState(RUN, configuration);
  const expected: NewEvent[] = [];
  let service = await start();
  const tell = async (events: readonly Fed[], kill: boolean) => {
    for (const event of events) {
      const answers = feed(state, event);
      expected.push(...answers);
      story.take(answers);
    }
    await write(events);
    if (kill) {
      // Perhaps half done, and the process is gone; its publishers say the same once more.
      await service.process.kill();
      await write(events);
      service = await start();
    }
    await caughtUp(service, state);
  };
  for (let minute = 0; minute < 40; minute += 1) {
    const { before, set } = story.next();
    await tell(before, minute === 17);
    await tell(set, minute === 8 || minute === 30);
  }
  const of = (stream: readonly string[]) => plain(expected.filter(({ type }) => stream.includes(type)));
  await until(async () => (await said('portfolio.events')).length >= of(EVENTS).length);
  expect(await said('risk.requests')).toEqual(of(['order.proposed']));
  expect(of(['order.proposed']).length).toBeGreaterThan(10);
  expect(await said('portfolio.events')).toEqual(of(EVENTS));

  const { body } = await service.get('/portfolio/ledger?limit=1000');
  const { accounts, entries } = body as Ledger;
  const sums = new Map<string, number>();
  for (const { asset, balance } of accounts) sums.set(asset, (sums.get(asset) ?? 0) + Number(balance));
  for (const sum of sums.values()) expect(sum).toBeCloseTo(0, 9);
  const wallet = accounts.filter(({ account }) => account === 'wallet');
  for (const { asset, balance } of wallet)
    expect(Number(balance)).toBeCloseTo(state.portfolio.balances.get(asset)?.toNumber() ?? Number.NaN, 9);
  expect(entries.length).toBe(state.journalSeq);
  expect(new Set(entries.map(({ kind, source }) => `${kind} ${source}`)).size).toBe(entries.length);
});

const EVENTS = ['cycle.planned', 'equity.marked', 'position.changed'];

interface Ledger {
  readonly accounts: readonly {
    readonly account: string;
    readonly asset: string;
    readonly balance: string;
  }[];
  readonly entries: readonly { readonly kind: string; readonly source: string }[];
}

test('a plan waits for all that it stands on, whichever stream comes first', async () => {
  const service = await start();
  await write(barSet(START, 0));
  await write([snapshot(1)]);
  await until(async () => (await said('portfolio.events')).length === 1);
  expect((await service.status())['plannedSet']).toBe(-1);
  await write([tradingState(1), dayOpened()]);
  await until(async () => (await said('portfolio.events')).length === 3);
  expect((await service.status())['plannedSet']).toBe(START);
  const events = await said('portfolio.events');
  expect(events.map(({ type, data }) => [type, (data as { kind?: string }).kind])).toEqual([
    ['equity.marked', 'opening'],
    ['cycle.planned', undefined],
    ['equity.marked', 'cycle'],
  ]);
});

test('the routes: holdings, equity, ledger, PnL, and a rebalance', async () => {
  const service = await start();
  await write([tradingState(1), dayOpened(), snapshot(1)]);
  for (let i = 0; i <= 10; i += 1)
    await write(
      barSet(START + i * MINUTE, i === 10 ? 1 : 0, i === 10 ? '100' : String(100 + (i % 2) * 0.01)),
    );
  await until(async () => (await said('risk.requests')).length === 2);

  const holdings = await service.get('/portfolio/holdings');
  expect(holdings.body).toMatchObject({ equity: '10000', balances: { USDT: '10000' }, ledgerVersion: 1 });
  const equity = (await service.get('/portfolio/equity?limit=2')).body as { equity: { openTime: string }[] };
  expect(equity.equity.map(({ openTime }) => openTime)).toEqual([
    '2024-08-05T00:10:00.000Z',
    '2024-08-05T00:09:00.000Z',
  ]);
  const pnl = (await service.get('/portfolio/pnl')).body;
  expect(pnl).toMatchObject({ day: '2024-08-05', realisedPnl: '0', fees: '0' });
  const { accounts } = (await service.get('/portfolio/ledger')).body as Ledger;
  expect(accounts).toEqual([
    { account: 'opening', asset: 'USDT', balance: '-10000' },
    { account: 'wallet', asset: 'USDT', balance: '10000' },
  ]);

  const first = await service.post('/portfolio/rebalance', {});
  expect([first.status, first.body]).toEqual([
    202,
    expect.objectContaining({
      proposals: [],
      skipped: [
        { symbol: 'BTCUSDT', code: 'ORDER_WORKING' },
        { symbol: 'ETHUSDT', code: 'ORDER_WORKING' },
      ],
    }),
  ]);
  expect((await service.post('/portfolio/rebalance', { size: 1 })).status).toBe(400);
  await until(async () =>
    (await said('portfolio.events')).some(({ data }) =>
      (data as { cycleId: string }).cycleId.startsWith('rebalance:'),
    ),
  );
});
