import { describe, expect, test } from 'vitest';
import { bar, cycleOf, DAY_START, Feed, marked, openedFeed, planned } from '../../test/feed.ts';
import type { Effect } from '../supervision/turn.ts';
import { Board } from './board.ts';
import { Latencies } from './latencies.ts';

const cycleId = cycleOf(DAY_START);
const never = new AbortController().signal;

function committed(board: Board, feed: Feed, ...fed: Parameters<Feed['give']>[0][]): void {
  const effects = fed.flatMap((each) => {
    const decided = feed.give(each);
    return decided.kind === 'done' ? ((decided.effects ?? []) as Effect[]) : [];
  });
  board.update(feed.state, effects);
}

describe('the board', () => {
  test('tells what is committed, not what is decided', () => {
    const feed = openedFeed();
    const board = new Board('run-1');
    board.reset(feed.state);
    feed.all(planned(DAY_START, []), marked(DAY_START, 970));
    expect(board.cycle(cycleId)?.status).toBe('open');
    expect(board.figures?.trading.mode).toBe('ACTIVE');
  });

  test('wakes who waits with the commit that settles', async () => {
    const feed = openedFeed();
    const board = new Board('run-1');
    board.reset(feed.state);
    const settled = board.until(() => board.cycle(cycleId)?.settled === true, 10_000, never);
    committed(board, feed, planned(DAY_START, []));
    committed(board, feed, marked(DAY_START, 1_000));
    expect(await settled).toBe(true);
    expect(board.figures?.decidedCycle).toBe(cycleId);
  });

  test('waits for a cycle that has not begun, and gives up in time or when the client is gone', async () => {
    const feed = new Feed();
    const board = new Board('run-1');
    const seen = () => board.cycle(cycleId) !== undefined;
    const begun = board.until(seen, 10_000, never);
    committed(board, feed, marked(DAY_START, 1_000, { kind: 'opening' }), bar(DAY_START));
    expect(await begun).toBe(true);
    const gone = new AbortController();
    const left = board.until(() => false, 10_000, gone.signal);
    gone.abort();
    expect(await left).toBe(false);
    expect(await board.until(() => false, 1, never)).toBe(false);
    expect(await board.until(() => false, 0, never)).toBe(false);
  });

  test('before the first commit there are no figures', () => {
    const board = new Board('run-1');
    expect(board.figures).toBeNull();
    board.reset(new Feed().state);
    expect(board.figures?.trading.epoch).toBe(1);
  });
});

test('quantiles are by the nearest rank over the newest thousand', () => {
  const latencies = new Latencies();
  expect(latencies.quantile(0.5)).toBeNull();
  for (let ms = 1; ms <= 100; ms += 1) latencies.add(ms);
  expect([latencies.quantile(0.5), latencies.quantile(0.99), latencies.quantile(1)]).toEqual([50, 99, 100]);
  for (let n = 0; n < 1_000; n += 1) latencies.add(7);
  expect(latencies.quantile(0.01)).toBe(7);
});
