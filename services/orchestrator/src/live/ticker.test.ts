import { expect, test } from 'vitest';
import { cycleOf, DAY_START, local, marked, openedFeed, planned, proposal } from '../../test/feed.ts';
import { Board } from './board.ts';
import { Ticker } from './ticker.ts';

function setup() {
  const feed = openedFeed({ lockstep: false });
  const board = new Board('run-1');
  const submitted: string[] = [];
  const clock = { now: 2_000 };
  const ticker = new Ticker({
    board,
    run: 'run-1',
    cycleTimeoutMs: 30_000,
    flattenTimeoutMs: 60_000,
    wall: () => clock.now,
    submit: async (type, _id, data) => submitted.push(`${type} ${Object.values(data)[0]}`),
    onFailure: (error) => {
      throw error;
    },
  });
  return { feed, board, submitted, clock, ticker };
}

test('a cycle is overdue after its time, counted anew after a restart, and never when it is settled', () => {
  const { feed, board, submitted, clock, ticker } = setup();
  feed.all(planned(DAY_START, [proposal(1)]), marked(DAY_START, 1_000));
  board.reset(feed.state);
  ticker.start();
  clock.now = 32_000;
  ticker.check();
  expect(submitted).toEqual([]);
  clock.now = 32_001;
  ticker.check();
  expect(submitted).toEqual([`cycle.overdue ${cycleOf(DAY_START)}`]);
  ticker.start();
  ticker.check();
  expect(submitted).toHaveLength(1);
  feed.give(local('cycle.overdue', { cycleId: cycleOf(DAY_START) }));
  board.reset(feed.state);
  clock.now = 99_000;
  ticker.check();
  expect(submitted).toHaveLength(1);
  ticker.stop();
});

test('a cycle without a bar is as old as its first sight', () => {
  const { feed, board, submitted, clock, ticker } = setup();
  feed.all(planned(DAY_START, []), marked(DAY_START, 1_000));
  ticker.start();
  clock.now += 100_000;
  feed.give(planned(DAY_START + 60_000, []));
  board.reset(feed.state);
  ticker.check();
  clock.now += 30_000;
  ticker.check();
  expect(submitted).toEqual([]);
  clock.now += 1;
  ticker.check();
  expect(submitted).toEqual([`cycle.overdue ${cycleOf(DAY_START + 60_000)}`]);
  ticker.stop();
});

test('a flatten is overdue after its time from when it was seen', () => {
  const { feed, board, submitted, clock, ticker } = setup();
  feed.all(planned(DAY_START, []), marked(DAY_START, 1_000, { holding: ['BTCUSDT'] }));
  feed.give(local('person.halt', { flatten: true }));
  feed.give(planned(DAY_START, [], 'flatten:r1'));
  board.reset(feed.state);
  ticker.start();
  ticker.check();
  clock.now += 60_000;
  ticker.check();
  expect(submitted).toEqual([]);
  clock.now += 1;
  ticker.check();
  expect(submitted).toEqual(['flatten.overdue flatten:r1']);
  ticker.stop();
});
