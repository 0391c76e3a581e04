import { strategyAssignmentSchema } from '@fleet/domain/strategies';
import { describe, expect, it } from 'vitest';
import { BEFORE_ALL } from './bar-set/decide.ts';
import { Speaker } from './signals/speaker.ts';
import { type AnalystState, createState, type SymbolState } from './signals/state.ts';
import { analystProblems, analystStatus, type FeedView } from './status.ts';

const FOLLOWING: FeedView = { mode: 'following', problem: null };

function state(change: Partial<SymbolState> = {}, cursor = 120_000): AnalystState {
  const assignments = [strategyAssignmentSchema.parse({ symbol: 'BTCUSDT', strategy: 'ema-cross' })];
  const scope = { run: 'r', venue: 'simulator', interval: '1m', intervalMs: 60_000, assignments };
  const created = createState(scope, { cursor: null, symbols: new Map() });
  for (const entry of created.symbols.values()) {
    if (entry.pending !== null) entry.active = Speaker.warmedUp(entry.pending, []);
    Object.assign(entry, { pending: null, ...change });
  }
  created.cursor = cursor;
  return created;
}

describe('readiness', () => {
  it.each<[string, AnalystState | null, FeedView, boolean, readonly string[]]>([
    ['following', state(), FOLLOWING, true, []],
    ['standing by', null, { mode: 'stopped', problem: null }, true, []],
    ['connecting', state(), { mode: 'opening', problem: null }, false, ['market data: opening']],
    [
      'venue away',
      state(),
      { mode: 'waiting', problem: 'no answer' },
      false,
      ['market data: waiting, no answer'],
    ],
    ['a stale symbol, live', state({ stale: true }), FOLLOWING, true, ['BTCUSDT: no fresh bar']],
    ['a stale symbol, replay', state({ stale: true }), FOLLOWING, false, []],
    [
      'a strategy without its warm-up',
      state({ active: null }),
      FOLLOWING,
      false,
      ['BTCUSDT: its strategy has not warmed up'],
    ],
  ])('%s', (_name, from, feed, live, problems) => {
    expect(analystProblems(from, feed, live)).toEqual(problems);
  });
});

describe('status', () => {
  it('names the last set, the one that is waited for, and who speaks', () => {
    expect(analystStatus(state(), FOLLOWING)).toMatchObject({
      feed: { mode: 'following', problem: null },
      lastSet: 120_000,
      openSet: 180_000,
      symbols: [{ symbol: 'BTCUSDT', lastBar: null, stale: false, pendingVersion: null }],
    });
    const begun = state({}, BEFORE_ALL);
    expect(analystStatus(begun, FOLLOWING)).toMatchObject({ lastSet: null, openSet: null });
    expect(analystStatus(null, FOLLOWING)).toEqual({ feed: { mode: 'standby', problem: null } });
  });
});
