import { appendFileSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { VenueOrderRequest } from '@fleet/domain/matching';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { UserEvent } from '../exchange/user-events.ts';
import {
  FROM,
  fixtureMarket,
  flat,
  MINUTE,
  type Prices,
  temporaryFolder,
  VENUE,
} from '../testing/market-fixture.ts';
import { type OpenedSimulation, openSimulation } from './open-simulation.ts';
import type { Simulation } from './simulation.ts';

const BARS: Prices[] = [...flat(2), [100, 104, 94, 103], [103, 106, 102, 105], ...flat(2)];
let folder: ReturnType<typeof temporaryFolder>;
const market = fixtureMarket({ BTCUSDT: BARS, ETHUSDT: [...flat(3), null, ...flat(2)] });

beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

function open(change: Partial<Parameters<typeof openSimulation>[0]> = {}): OpenedSimulation {
  return openSimulation({ market, venue: VENUE, journalFolder: folder.path, wallTime: 1_000, ...change });
}

function order(change: Partial<VenueOrderRequest>): VenueOrderRequest {
  const plain = {
    symbol: 'BTCUSDT',
    side: 'buy',
    type: 'MARKET',
    quantity: '1',
    price: null,
    stopPrice: null,
  } as const;
  return { clientOrderId: 'c', ...plain, ...change };
}

/** Trades a little on every set, by what the set says alone. */
function trade(simulation: Simulation, sets: number): void {
  for (let at = simulation.sets; at < sets && !simulation.finished; ) {
    const answer = simulation.advance();
    if (!answer.cycle) continue;
    at = simulation.sets;
    simulation.submit({ kind: 'place', request: order({ clientOrderId: `m${at}`, quantity: '0.5' }) });
    const stop = { type: 'STOP_LOSS', side: 'sell', stopPrice: '95' } as const;
    simulation.submit({
      kind: 'place',
      request: order({ clientOrderId: `s${at}`, quantity: '0.4', ...stop }),
    });
    simulation.submit({ kind: 'transfer', asset: 'USDT', amount: '0.5' });
    if (at === 2)
      simulation.submit({
        kind: 'cancel',
        targets: [{ symbol: 'BTCUSDT', clientOrderId: 's1', cancelId: 'x' }],
      });
  }
}

describe('steps', () => {
  it('skips open and path where nothing can match, ends with expiries, and stays ended', () => {
    const { simulation } = open();
    simulation.advance();
    simulation.submit({ kind: 'place', request: order({ clientOrderId: 'm' }) });
    simulation.submit({
      kind: 'place',
      request: order({ clientOrderId: 's', side: 'sell', type: 'STOP_LOSS', stopPrice: '95' }),
    });
    simulation.submit({ kind: 'place', request: order({ clientOrderId: 'l', type: 'LIMIT', price: '50' }) });
    const steps = Array.from({ length: 9 }, () => simulation.advance());
    expect(
      steps.map(({ step, openTime, done, cycle }) => [step, (openTime - FROM) / MINUTE, done, cycle]),
    ).toEqual([
      ['open', 1, false, false],
      ['close', 1, false, true],
      ['path', 2, false, false],
      ['close', 2, false, true],
      ['close', 3, false, true],
      ['close', 4, false, true],
      ['close', 5, false, true],
      ['end', 5, true, false],
      ['end', 5, true, false],
    ]);
    expect(steps[4]).toMatchObject({ closed: ['BTCUSDT'], missing: ['ETHUSDT'], time: FROM + 4 * MINUTE });
    expect(simulation.exchange.history.order('BTCUSDT', 3)).toMatchObject({ status: 'EXPIRED' });
    expect(simulation.submit({ kind: 'place', request: order({}) }).placed).toEqual({
      refusal: 'MARKET_CLOSED',
    });
  });

  it('advance with the earlier cursor gives the last answer again; with another it refuses', () => {
    const { simulation } = open();
    const first = simulation.advance(null);
    expect(simulation.advance(null)).toEqual(first);
    const second = simulation.advance(first.cursor);
    expect(second.openTime).toBe(FROM + MINUTE);
    expect(simulation.advance(first.cursor)).toEqual(second);
    expect(simulation.sets).toBe(2);
    expect(() => simulation.advance(null)).toThrow(/the replay stands at/);
  });

  it('tells listeners of fills and of the account after each', () => {
    const { simulation } = open();
    const heard: UserEvent[] = [];
    simulation.listen({ userEvents: (events) => heard.push(...events), setClosed: () => undefined });
    simulation.advance();
    simulation.submit({ kind: 'place', request: order({ clientOrderId: 'm' }) });
    simulation.advance();
    expect(heard.map((event) => [event.e, event['x'], event['X'], event['t']])).toEqual([
      ['executionReport', 'NEW', 'NEW', -1],
      ['outboundAccountPosition', undefined, undefined, undefined],
      ['executionReport', 'TRADE', 'FILLED', 1],
      ['outboundAccountPosition', undefined, undefined, undefined],
    ]);
    expect(heard[2]).toMatchObject({
      c: 'm',
      S: 'BUY',
      l: '1.00000000',
      L: '100.00000000',
      n: '0.00100000',
      N: 'BTC',
      T: FROM + MINUTE,
    });
    expect(heard[3]).toMatchObject({
      B: [
        { a: 'BTC', f: '5.99900000', l: '0.00000000' },
        { a: 'USDT', f: '9900.00000000' },
      ],
    });
  });
});

describe('journal', () => {
  it.each([0, 1, 2, 3, 4, 5, 6])('a run cut after %i sets goes on to the same end', (cut) => {
    const whole = open({ journalFolder: undefined }).simulation;
    trade(whole, 99);
    const first = open();
    trade(first.simulation, cut);
    first.close();
    const second = open();
    expect(second.continued).toBe(cut > 0);
    expect(second.run.run).toBe(first.run.run);
    expect(second.simulation.snapshot()).toEqual(first.simulation.snapshot());
    trade(second.simulation, 99);
    expect(second.simulation.snapshot().exchange).toEqual(whole.snapshot().exchange);
    second.close();
  });

  it('goes on from a snapshot without what stands before it', () => {
    const first = open();
    trade(first.simulation, 3);
    first.close();
    const path = join(folder.path, first.run.run, 'snapshot.json');
    writeFileSync(path, JSON.stringify(first.simulation.snapshot()));
    const second = open();
    expect(second.simulation.snapshot()).toEqual(first.simulation.snapshot());
    trade(second.simulation, 4);
    second.close();
    const third = open();
    expect(third.simulation.snapshot()).toEqual(second.simulation.snapshot());
    third.close();
    const journal = join(folder.path, first.run.run, 'journal.ndjson');
    truncateSync(journal, readFileSync(journal, 'utf8').indexOf('\n') + 1);
    expect(() => open()).toThrow(/ahead of the journal/);
  });

  it('discards a half-written last line and refuses damage before it', () => {
    const first = open();
    trade(first.simulation, 2);
    first.close();
    const path = join(folder.path, first.run.run, 'journal.ndjson');
    appendFileSync(path, '{"seq":99,"comm');
    const second = open();
    expect(second.simulation.snapshot()).toEqual(first.simulation.snapshot());
    trade(second.simulation, 3);
    second.close();
    open().close();
    const lines = readFileSync(path, 'utf8').split('\n');
    writeFileSync(path, ['{"seq":1', ...lines.slice(1)].join('\n'));
    expect(() => open()).toThrow(/line 1 is damaged/);
    writeFileSync(path, lines.slice(1).join('\n'));
    expect(() => open()).toThrow(/lines are missing/);
  });

  it('refuses a journal that the present rules play differently', () => {
    const first = open();
    trade(first.simulation, 2);
    first.close();
    const path = join(folder.path, first.run.run, 'journal.ndjson');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"events":2', '"events":4'));
    expect(() => open()).toThrow(/begin a new run|gives 2 events now and gave 4 then/);
  });

  it('begins a new run after a finished one, with fresh, and never under an old name', () => {
    const first = open();
    trade(first.simulation, 99);
    expect(first.simulation.finished).toBe(true);
    first.close();
    const second = open();
    trade(second.simulation, 1);
    second.close();
    const third = open({ fresh: true });
    third.close();
    const names = [first, second, third].map(({ run }) => run.run);
    expect(new Set(names).size).toBe(3);
    expect(names.map((name) => name.split('-').at(-1))).toEqual(['1', '2', '3']);
    expect([second.continued, third.continued]).toEqual([false, false]);
    expect(readdirSync(folder.path).sort()).toEqual([...names, 'run.json'].sort());
  });

  it('refuses to go on with another market or other rules', () => {
    const first = open();
    first.simulation.advance();
    first.close();
    expect(() => open({ venue: { ...VENUE, takerFeeRate: '0.002' } })).toThrow(
      /another market or other rules/,
    );
    expect(() => open({ market: fixtureMarket({ BTCUSDT: flat(3) }) })).toThrow(
      /another market or other rules/,
    );
  });

  it('answers nothing any more once the journal cannot be written', () => {
    const broken: Error[] = [];
    const opened = open({ onBroken: (error) => broken.push(error) });
    opened.simulation.advance();
    opened.close();
    expect(() => opened.simulation.advance()).toThrow(/cannot be written/);
    expect(() => opened.simulation.submit({ kind: 'place', request: order({}) })).toThrow(
      /cannot be written/,
    );
    expect(broken).toHaveLength(1);
  });
});
