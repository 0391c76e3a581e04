import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  approved,
  bar,
  cycleOf,
  DAY_START,
  denied,
  type Fed,
  Feed,
  MINUTE,
  marked,
  order,
  planned,
  proposal,
  SYMBOLS,
  signal,
} from '../../test/feed.ts';
import { reportOf } from '../cycles/cycle-report.ts';

type End = 'denied' | 'accepted' | 'filled' | 'canceled' | 'rejected' | 'expired' | 'resolved';
const ENDS: readonly End[] = ['denied', 'accepted', 'filled', 'canceled', 'rejected', 'expired', 'resolved'];

/** The events of one proposal, in the order of their streams: risk's and the executor's. */
function eventsOf(id: string, end: End, cycleId: string): Fed[][] {
  if (end === 'denied') return [[denied(id, cycleId)]];
  const risk = [approved(id, cycleId)];
  if (end === 'accepted') return [risk, [order('accepted', id, cycleId), order('filled', id, cycleId)]];
  if (end === 'resolved') return [risk, [order('unknown', id, cycleId), order('resolved', id, cycleId)]];
  return [risk, [order(end, id, cycleId)]];
}

const scenario = fc.record({
  ends: fc.array(fc.constantFrom(...ENDS), { maxLength: 4 }),
  equity: fc.constantFrom(970, 1_000, 1_020),
  firstOfRun: fc.boolean(),
  picks: fc.array(fc.nat({ max: 1_000 }), { minLength: 60, maxLength: 60 }),
});
type Scenario = typeof scenario extends fc.Arbitrary<infer Value> ? Value : never;

/** Streams that are read side by side: any of them may be ahead, within each the order stands. */
function interleaved(streams: readonly (readonly Fed[])[], picks: readonly number[]): Fed[] {
  const left = streams.map((stream) => [...stream]).filter((stream) => stream.length > 0);
  const merged: Fed[] = [];
  for (let turn = 0; left.length > 0; turn += 1) {
    const index = (picks[turn % picks.length] ?? 0) % left.length;
    const stream = left[index] ?? [];
    merged.push(stream.shift() as Fed);
    if (stream.length === 0) left.splice(index, 1);
  }
  return merged;
}

/** Where the first bar of a day waits, everything behind it in its stream waits too. */
function feedAll(feed: Feed, fed: readonly Fed[]): void {
  const waiting: Fed[] = [];
  for (const each of fed) {
    const blocked = waiting.some(({ stream }) => stream === each.stream);
    if (blocked || feed.give(each).kind === 'wait') waiting.push(each);
    while (waiting.length > 0 && feed.give(waiting[0] as Fed).kind === 'done') waiting.shift();
  }
  expect(waiting).toEqual([]);
}

function run({ ends, equity, firstOfRun, picks }: Scenario) {
  const feed = new Feed();
  const openTime = firstOfRun ? DAY_START : DAY_START + MINUTE;
  const cycleId = cycleOf(openTime);
  const opening = marked(DAY_START, 1_000, { kind: 'opening' });
  if (!firstOfRun) {
    feed.all(opening, bar(DAY_START), bar(DAY_START, SYMBOLS[1]), planned(DAY_START, []));
    feed.all(marked(DAY_START, 1_000));
    feed.said.length = 0;
  }
  const ids = ends.map((_, index) => proposal(index + 1));
  const orders = ends.map((end, index) => eventsOf(ids[index] as string, end, cycleId));
  const before = { completed: feed.state.cyclesCompleted, epoch: feed.state.supervision.trading.epoch };
  feedAll(
    feed,
    interleaved(
      [
        SYMBOLS.map((symbol) => bar(openTime, symbol)),
        SYMBOLS.map((symbol) => signal(openTime, symbol)),
        [
          ...(firstOfRun ? [opening] : []),
          planned(openTime, ids),
          marked(openTime, equity, { holding: ['BTCUSDT'] }),
        ],
        orders.flatMap((streams) => streams[0] ?? []),
        ...orders.map((streams) => streams[1] ?? []),
      ],
      picks,
    ),
  );
  return { feed, cycleId, ids, before };
}

describe('a cycle', () => {
  test('any order of its events settles it once, and decides on its mark once', () => {
    fc.assert(
      fc.property(scenario, (given) => {
        const { feed, cycleId, ids, before } = run(given);
        const { state } = feed;
        const cycle = state.cycles.get(cycleId);
        if (cycle === undefined) throw new Error('no cycle');
        expect(reportOf(cycle, undefined)).toMatchObject({
          status: 'settled',
          waitingFor: [],
          proposals: ids,
        });
        expect(state.cyclesCompleted).toBe(before.completed + 1);
        expect(state.decidedCycle).toBe(cycleId);
        const said = feed.types().filter((type) => type === 'trading-state.changed');
        const started = given.firstOfRun ? 1 : 0;
        const decided = given.equity === 1_000 ? 0 : 1;
        expect(said).toHaveLength(started + decided);
        expect(state.supervision.trading.epoch).toBe(before.epoch + decided);
        const mode = { 970: 'HALTED', 1000: 'ACTIVE', 1020: 'REDUCING' }[given.equity];
        expect(state.supervision.trading.mode).toBe(mode);
        expect(cycle.stateEpoch).toBe(state.supervision.trading.epoch);
      }),
      { numRuns: 300 },
    );
  });

  test('what is said does not depend on the order', () => {
    fc.assert(
      fc.property(
        scenario,
        fc.array(fc.nat({ max: 1_000 }), { minLength: 60, maxLength: 60 }),
        (given, picks) => {
          const spoken = (feed: Feed) =>
            feed.said
              .filter(({ type }) => type !== 'notification.raised')
              .map(({ ts, id, data }) => ({ ts, id, data }));
          expect(spoken(run(given).feed)).toEqual(spoken(run({ ...given, picks }).feed));
        },
      ),
      { numRuns: 100 },
    );
  });

  test('never settles while one of its events is missing', () => {
    const cycleId = cycleOf(DAY_START);
    const whole = [
      bar(DAY_START),
      planned(DAY_START, [proposal(1), proposal(2)]),
      marked(DAY_START, 970),
      denied(proposal(1), cycleId),
      order('accepted', proposal(2), cycleId),
    ];
    for (const missing of whole.keys()) {
      const feed = new Feed();
      feed.give(marked(DAY_START, 1_000, { kind: 'opening' }));
      feed.all(...whole.filter((_, index) => index !== missing));
      expect(feed.state.decidedCycle).toBeNull();
      expect(feed.state.supervision.trading.mode).toBe('ACTIVE');
      feed.give(whole[missing] as Fed);
      expect(feed.state.decidedCycle).toBe(cycleId);
      expect(feed.state.supervision.trading.mode).toBe('HALTED');
    }
  });
});
