import {
  barClosed,
  catalog,
  marketDataRecovered,
  marketDataStale,
  signalProduced,
} from '@fleet/domain/events';
import type { StrategyAssignment } from '@fleet/domain/strategies';
import { strategyAssignmentSchema, strategyVersion } from '@fleet/domain/strategies';
import type { Decided, Input } from '@fleet/shared/streams';
import { beforeEach, describe, expect, it } from 'vitest';
import { type BarSet, BEFORE_ALL, type ExactBar } from '../bar-set/decide.ts';
import type { WarmUp } from './inputs.ts';
import { createIdleProcessor, createProcessor } from './processor.ts';
import { type AnalystScope, type AnalystState, createState } from './state.ts';
import { stateRows, storedSymbol } from './state-store.ts';

const MINUTE = 60_000;
const FIRST = Date.UTC(2024, 7, 1);
const CROSS = { fast: 2, slow: 3, atrPeriod: 2, atrMultiple: 2 };

const assignments = [assigned('BTCUSDT', CROSS), assigned('ETHUSDT', CROSS)];
const scope: AnalystScope = {
  run: 'run-1',
  venue: 'simulator',
  interval: '1m',
  intervalMs: MINUTE,
  assignments,
};
const processor = createProcessor({
  scope,
  feed: { start: () => undefined, stop: () => undefined },
  onPublished: () => undefined,
});

let state: AnalystState;

beforeEach(() => {
  state = createState(scope, { cursor: null, symbols: new Map() });
});

describe('a bar set', () => {
  it('is published with a signal for each bar, in one decision', () => {
    begin();
    const { events } = close(set(0, ['BTCUSDT', 'ETHUSDT']));
    expect(events.map(({ type, key }) => `${type} ${key}`)).toEqual([
      'bar.closed BTCUSDT',
      'signal.produced BTCUSDT',
      'bar.closed ETHUSDT',
      'signal.produced ETHUSDT',
    ]);
    expect(events[0]?.data).toMatchObject({
      venue: 'simulator',
      openTime: FIRST,
      closeTime: FIRST + MINUTE,
      set: ['BTCUSDT', 'ETHUSDT'],
      missing: [],
    });
    expect(events[1]?.data).toMatchObject({
      cycleId: `1m:${FIRST}`,
      strategy: 'ema-cross',
      strategyVersion: strategyVersion(assignments[0]!),
    });
    expect(new Set(events.map(({ ts }) => ts))).toEqual(new Set([new Date(FIRST + MINUTE).toISOString()]));
    for (const event of events) expect(() => catalog.entry(event.type)?.parse(event.data)).not.toThrow();
  });

  it('has ids from the bar alone, whoever decides it', () => {
    begin();
    const first = close(set(0, ['BTCUSDT', 'ETHUSDT'])).events.map(({ id }) => id);
    state = createState(scope, { cursor: null, symbols: new Map() });
    begin();
    close(set(0, ['BTCUSDT']));
    close(set(1, ['BTCUSDT', 'ETHUSDT']));
    state = createState(scope, { cursor: null, symbols: new Map() });
    begin();
    expect(close(set(0, ['BTCUSDT', 'ETHUSDT'])).events.map(({ id }) => id)).toEqual(first);
    expect(new Set(first).size).toBe(4);
  });

  it('names a missing symbol in bar and signal, and gives it none', () => {
    begin();
    const { events } = close(set(0, ['BTCUSDT'], ['ETHUSDT']));
    expect(events.map(({ type }) => type)).toEqual([barClosed.type, signalProduced.type]);
    for (const { data } of events) expect(data).toMatchObject({ set: ['BTCUSDT'], missing: ['ETHUSDT'] });
  });

  it('changes nothing when it, or a later one, was there before', () => {
    begin();
    close(set(0, ['BTCUSDT', 'ETHUSDT']));
    close(set(1, ['BTCUSDT', 'ETHUSDT']));
    stateRows(state);
    for (const minute of [0, 1]) expect(close(set(minute, ['BTCUSDT', 'ETHUSDT'])).events).toEqual([]);
    expect(stateRows(state)).toEqual([]);
  });

  it('is refused when the one before it was not decided, or the feed has not begun', () => {
    const early = inputOf('bar-set.closed', {
      set: set(3, ['BTCUSDT']),
      after: FIRST,
      warmUps: [],
      repaired: false,
    });
    for (const prepare of [() => undefined, () => begin()]) {
      prepare();
      const decided = processor.decide(state, early, { wallNow: 0, waitExpired: false });
      expect(decided).toMatchObject({ kind: 'reject', error: { code: 'BAR_SET_OUT_OF_ORDER' } });
    }
  });

  it('of a strategy that nobody warmed up is an error', () => {
    decide('feed.begun', { cursor: FIRST - MINUTE, warmUps: [] });
    expect(() => close(set(0, ['BTCUSDT']))).toThrow('no strategy speaks for BTCUSDT');
  });

  it('gives the same signals after a restart from the stored rows', () => {
    begin();
    const whole = run(0, 40);
    state = createState(scope, { cursor: null, symbols: new Map() });
    begin();
    const head = run(0, 17);
    state = restarted();
    expect([...head, ...run(17, 40)]).toEqual(whole);
    expect(new Set(whole.map((signal) => (signal as { reason: string }).reason)).size).toBeGreaterThan(2);
  });

  it('takes exactly the warm-up: a version with all of it speaks at once', () => {
    begin(9);
    const [, signal] = close(set(0, ['BTCUSDT', 'ETHUSDT'])).events;
    expect(signal?.data).not.toMatchObject({ reason: 'warm-up' });
    state = createState(scope, { cursor: null, symbols: new Map() });
    begin(8);
    const [, early] = close(set(0, ['BTCUSDT', 'ETHUSDT'])).events;
    expect(early?.data).toMatchObject({ reason: 'warm-up' });
  });
});

describe('deployed parameters', () => {
  const deployed = {
    parameterVersion: 'study-7',
    strategy: 'ema-cross',
    symbols: ['BTCUSDT', 'ETHUSDT'],
    parameters: { ...CROSS, slow: 5 },
    deployedBy: 'admin',
    rollbackOf: null,
  };

  it('are taken by all symbols at the next set, warmed up, and recorded', () => {
    begin();
    close(set(0, ['BTCUSDT', 'ETHUSDT']));
    decide('parameters.deployed', deployed);
    const versions = pending();
    expect(versions).toHaveLength(2);
    stateRows(state);
    const { events } = close(set(1, ['BTCUSDT', 'ETHUSDT']), warmUps(15, 1));
    const spoken = events.flatMap(({ type, data }) => (type === signalProduced.type ? [data] : []));
    expect(spoken.map((data) => (data as { strategyVersion: string }).strategyVersion)).toEqual(versions);
    const rows = stateRows(state).find(({ table }) => table === 'analysis.strategy_versions')?.rows;
    expect(rows?.map((row) => [row['symbol'], row['first_open_time'], row['parameter_version']])).toEqual([
      ['BTCUSDT', FIRST + MINUTE, 'study-7'],
      ['ETHUSDT', FIRST + MINUTE, 'study-7'],
    ]);
    expect(pending()).toEqual([]);
  });

  it('wait when they come while the bars of others were fetched', () => {
    begin();
    decide('parameters.deployed', deployed);
    const fetched = warmUps(15, 0);
    decide('parameters.deployed', {
      ...deployed,
      parameters: { ...CROSS, slow: 7 },
      parameterVersion: 'study-8',
    });
    const waiting = pending();
    close(set(0, ['BTCUSDT', 'ETHUSDT']), fetched);
    expect(pending()).toEqual(waiting);
  });

  it('survive a restart, and give way to a changed configuration', () => {
    begin();
    decide('parameters.deployed', deployed);
    close(set(0, ['BTCUSDT', 'ETHUSDT']), warmUps(15, 0));
    const speaking = [...state.symbols.values()].map(({ active }) => active?.version.version);
    state = restarted();
    expect([...state.symbols.values()].map(({ active }) => active?.version.version)).toEqual(speaking);
    expect(pending()).toEqual([]);
    const changed = [assigned('BTCUSDT', { ...CROSS, slow: 9 }), assignments[1]!];
    state = restarted({ ...scope, assignments: changed });
    expect(pending()).toEqual([strategyVersion(changed[0]!)]);
  });

  it.each([
    ['parameters that the strategy refuses', { ...deployed, parameters: { ...CROSS, fast: 900 } }],
    ['an unknown strategy', { ...deployed, strategy: 'martingale' }],
    ['a symbol without a strategy', { ...deployed, symbols: ['BTCUSDT', 'XRPUSDT'] }],
  ])('change nothing and are said: %s', (_name, data) => {
    begin();
    const { events } = decide('parameters.deployed', data);
    expect(events.map((event) => (event.data as { code: string }).code)).toEqual(['PARAMETERS_REFUSED']);
    expect(() => catalog.entry('notification.raised')?.parse(events[0]?.data)).not.toThrow();
    expect(pending()).toEqual([]);
  });

  it('that speak already change nothing', () => {
    begin();
    decide('parameters.deployed', { ...deployed, parameters: CROSS });
    expect(pending()).toEqual([]);
  });
});

describe('what goes wrong with the market', () => {
  const fault = { code: 'range', numbers: { high: 1, low: 2 } };

  it('an impossible bar is said, and its symbol is stale until a bar is heard', () => {
    begin();
    const refused = decide('bar.refused', { bar: bar('ETHUSDT', 0), fault });
    expect(refused.events.map(({ type }) => type)).toEqual(['notification.raised', marketDataStale.type]);
    for (const event of refused.events)
      expect(() => catalog.entry(event.type)?.parse(event.data)).not.toThrow();
    const repaired = close(set(1, ['BTCUSDT', 'ETHUSDT']), [], true);
    expect(repaired.events.map(({ type }) => type)).not.toContain(marketDataRecovered.type);
    const heard = close(set(2, ['BTCUSDT', 'ETHUSDT']));
    const recovered = heard.events.filter(({ type }) => type === marketDataRecovered.type);
    expect(recovered.map(({ data }) => data)).toEqual([
      { symbol: 'ETHUSDT', closeTime: FIRST + 3 * MINUTE, repairedBars: 1 },
    ]);
  });

  it('silence is said once', () => {
    begin();
    const told = decide('feed.silent', { symbol: 'BTCUSDT', ageMs: 200_000 });
    expect(told.events.map(({ data }) => data)).toEqual([
      { symbol: 'BTCUSDT', lastCloseTime: null, ageMs: 200_000 },
    ]);
    expect(decide('feed.silent', { symbol: 'BTCUSDT', ageMs: 201_000 }).events).toEqual([]);
  });
});

describe('a requested analysis', () => {
  it('says what was said last, and what is not analysed', () => {
    begin();
    close(set(0, ['BTCUSDT', 'ETHUSDT']));
    const request = { analysisId: 'a-1', symbols: ['ETHUSDT', 'XRPUSDT'], requestedBy: 'someone' };
    const { result } = decide('analyze.requested', request);
    expect(result).toMatchObject({
      analysisId: 'a-1',
      views: [
        {
          symbol: 'ETHUSDT',
          openTime: FIRST,
          close: '100',
          strategyVersion: strategyVersion(assignments[1]!),
        },
        { symbol: 'XRPUSDT', openTime: null, reason: 'not-analysed' },
      ],
    });
    expect(stateRows(state).map(({ table }) => table)).toContain('analysis.analyses');
  });

  it('is left to the first partition', () => {
    const input = inputOf('analyze.requested', { analysisId: 'a', symbols: ['BTCUSDT'], requestedBy: 'x' });
    const idle = createIdleProcessor();
    expect(idle.decide(null, input, { wallNow: 0, waitExpired: false })).toEqual({ kind: 'done' });
  });
});

function assigned(symbol: string, parameters: StrategyAssignment['parameters']): StrategyAssignment {
  return strategyAssignmentSchema.parse({ symbol, strategy: 'ema-cross', parameters });
}

/** A market with turns, so that the averages cross. */
function bar(symbol: string, minute: number): ExactBar {
  const close = (100 + 10 * Math.sin(minute / 3)).toFixed(2).replace(/\.?0+$/, '');
  return {
    symbol,
    openTime: FIRST + minute * MINUTE,
    open: close,
    high: close,
    low: close,
    close,
    volume: '1',
  };
}

function set(minute: number, symbols: readonly string[], missing: readonly string[] = []): BarSet {
  return { openTime: FIRST + minute * MINUTE, bars: symbols.map((symbol) => bar(symbol, minute)), missing };
}

function warmUps(count: number, before: number): WarmUp[] {
  return [...state.symbols.values()].flatMap(({ symbol, pending: version }) => {
    if (version === null) return [];
    const bars = Array.from({ length: count }, (_, index) => bar(symbol, before - count + index));
    return [{ symbol, version: version.version, bars }];
  });
}

function begin(warmUpCount = 9): void {
  decide('feed.begun', {
    cursor: warmUpCount === 0 ? BEFORE_ALL : FIRST - MINUTE,
    warmUps: warmUps(warmUpCount, 0),
  });
}

function close(closed: BarSet, warm: readonly WarmUp[] = [], repaired = false) {
  return decide('bar-set.closed', { set: closed, after: state.cursor, warmUps: warm, repaired });
}

/** Signals of the sets from one minute to before another. */
function run(from: number, to: number): unknown[] {
  return Array.from({ length: to - from }, (_, index) => close(set(from + index, ['BTCUSDT', 'ETHUSDT'])))
    .flatMap(({ events }) => events)
    .flatMap(({ type, data }) => (type === signalProduced.type ? [data] : []));
}

function pending(): string[] {
  return [...state.symbols.values()].flatMap((entry) => entry.pending?.version ?? []);
}

/** The state as another process loads it: through the rows, which Postgres keeps as JSON. */
function restarted(as: AnalystScope = scope): AnalystState {
  for (const entry of state.symbols.values()) state.changes.symbols.add(entry);
  const rows = JSON.parse(JSON.stringify(stateRows(state))) as {
    table: string;
    rows: Record<string, unknown>[];
  }[];
  const symbolRows = rows.find(({ table }) => table === 'analysis.symbol_states')?.rows ?? [];
  return createState(as, {
    cursor: state.cursor,
    symbols: new Map(symbolRows.map((row) => [String(row['symbol']), storedSymbol(row as never)])),
  });
}

function inputOf(type: string, data: unknown): Input {
  return {
    ...{ id: `${type}-id`, type, key: 'k', ts: '2024-08-01T00:00:00.000Z', data, stream: null },
    ...{ causationId: null, requestId: 'r', traceparent: '' },
  };
}

function decide(type: string, data: unknown) {
  const decided = processor.decide(state, inputOf(type, data), { wallNow: 0, waitExpired: false });
  if (decided.kind !== 'done') throw new Error(`decided ${decided.kind}`);
  return { events: decided.events ?? [], result: (decided as Extract<Decided, { kind: 'done' }>).result };
}
