import { toBar } from '@fleet/domain/bars';
import type { BarClosed, SignalProduced } from '@fleet/domain/events';
import { barClosed, eventId, marketDataRecovered, signalProduced } from '@fleet/domain/events';
import { cycleId } from '@fleet/domain/orders';
import { defineError } from '@fleet/shared/errors';
import type { Decided, NewEvent } from '@fleet/shared/streams';
import type { BarSet, ExactBar } from '../bar-set/decide.ts';
import type { LocalInputs, WarmUp } from './inputs.ts';
import { Speaker } from './speaker.ts';
import type { AnalystState, SymbolState } from './state.ts';

export const SetOutOfOrder = defineError({
  code: 'BAR_SET_OUT_OF_ORDER',
  title: 'A bar set came before the one that it follows',
  status: 500,
  retry: 'park',
  action: 'Nothing: the feed begins again after the last set that was committed.',
});

const NOTHING: Decided = { kind: 'done' };

/** The feed of the run begins: versions warm up before the first set, so that it waits for nothing. */
export function beginFeed(state: AnalystState, { cursor, warmUps }: LocalInputs['feed.begun']): Decided {
  if (state.cursor !== null) return NOTHING;
  state.cursor = cursor;
  state.changes.cursor = true;
  takeOver(state, warmUps);
  return NOTHING;
}

/**
 * One closed set: the bars, and a signal for each. A version that is pending takes over first, for all symbols whose
 * warm-up came with the set.
 */
export function closeSet(
  state: AnalystState,
  { set, after, warmUps, repaired }: LocalInputs['bar-set.closed'],
): Decided {
  if (state.cursor !== null && set.openTime <= state.cursor) return NOTHING;
  if (state.cursor !== after) {
    return {
      kind: 'reject',
      error: new SetOutOfOrder(`the set of ${set.openTime} follows ${after}, not ${state.cursor}`),
    };
  }
  takeOver(state, warmUps);
  for (const symbol of state.symbols.values()) recordFirstSet(state, symbol, set.openTime);
  const events = set.bars.flatMap((bar) => [...recover(state, bar, repaired), ...closeBar(state, set, bar)]);
  state.cursor = set.openTime;
  state.changes.cursor = true;
  return {
    kind: 'done',
    events,
    effects: [
      { openTime: set.openTime, symbols: set.bars.map(({ symbol }) => symbol), missing: set.missing },
    ],
  };
}

function takeOver(state: AnalystState, warmUps: readonly WarmUp[]): void {
  for (const { symbol, version, bars } of warmUps) {
    const entry = state.symbols.get(symbol);
    // Another version may have been deployed while the bars were fetched: it comes with the next set.
    if (entry?.pending?.version !== version) continue;
    entry.active = Speaker.warmedUp(
      entry.pending,
      bars.map((bar) => toBar(symbol, bar)),
    );
    entry.pending = null;
    state.changes.symbols.add(entry);
  }
}

function recordFirstSet(state: AnalystState, { active }: SymbolState, openTime: number): void {
  if (active === null || active.firstOpenTime !== null) return;
  active.firstOpenTime = openTime;
  state.changes.versions.push({ speaker: active, firstOpenTime: openTime });
}

function closeBar(state: AnalystState, set: BarSet, bar: ExactBar): NewEvent[] {
  const { run, venue, interval, intervalMs } = state.scope;
  const entry = state.symbols.get(bar.symbol);
  if (entry === undefined || entry.active === null)
    throw new Error(`no strategy speaks for ${bar.symbol} at ${bar.openTime}: its warm-up is missing`);
  const closeTime = bar.openTime + intervalMs;
  const head = { key: bar.symbol, ts: new Date(closeTime).toISOString() };
  const id = eventId(run, barClosed.type, [venue, bar.symbol, interval, bar.openTime].join('|'));
  const closed: BarClosed = {
    venue,
    interval,
    closeTime,
    ...bar,
    set: set.bars.map(({ symbol }) => symbol),
    missing: [...set.missing],
  };
  const signal = speak(state, entry.active, closed);
  entry.lastBar = bar;
  entry.lastSignal = signal;
  state.changes.symbols.add(entry);
  state.changes.bars.push(bar);
  state.changes.signals.push(signal);
  return [
    { ...head, type: barClosed.type, id, data: closed },
    { ...head, type: signalProduced.type, id: eventId(run, signalProduced.type, id), data: signal },
  ];
}

function speak(state: AnalystState, speaker: Speaker, closed: BarClosed): SignalProduced {
  const { target, stopDistance, confidence, reason } = speaker.onBar(toBar(closed.symbol, closed));
  return {
    cycleId: cycleId(state.scope.interval, closed.openTime),
    symbol: closed.symbol,
    interval: closed.interval,
    openTime: closed.openTime,
    strategy: speaker.version.strategy,
    strategyVersion: speaker.version.version,
    target,
    stopDistance,
    confidence,
    reason,
    set: closed.set,
    missing: closed.missing,
  };
}

/** A stale symbol is well again with the first bar that is heard when it closes; what was fetched is counted. */
function recover({ symbols, scope }: AnalystState, bar: ExactBar, repaired: boolean): NewEvent[] {
  const entry = symbols.get(bar.symbol);
  if (entry === undefined || !entry.stale) return [];
  if (repaired) {
    entry.repairedBars += 1;
    return [];
  }
  entry.stale = false;
  const closeTime = bar.openTime + scope.intervalMs;
  const data = { symbol: bar.symbol, closeTime, repairedBars: entry.repairedBars };
  return [{ type: marketDataRecovered.type, key: bar.symbol, ts: new Date(closeTime).toISOString(), data }];
}
