import { type analyzeRequested, marketDataStale, notificationRaised } from '@fleet/domain/events';
import type { Decided, Input, NewEvent } from '@fleet/shared/streams';
import type { z } from 'zod';
import type { LocalInputs } from './inputs.ts';
import type { Analysis, AnalystState, SymbolState, View } from './state.ts';

/** No market makes such a bar: it is not used, and said. The set goes on without it once the venue has no better. */
export function refuseBar(
  state: AnalystState,
  { bar, fault }: LocalInputs['bar.refused'],
  input: Input,
): Decided {
  const told: NewEvent = {
    type: notificationRaised.type,
    key: state.scope.run,
    ts: input.ts,
    data: {
      dedupeKey: `BAR_IMPOSSIBLE:${bar.symbol}`,
      severity: 'warning',
      code: 'BAR_IMPOSSIBLE',
      title: `An impossible bar of ${bar.symbol} was refused`,
      text: `The venue gave a bar that no market makes (${fault.code}). It was not used; no signal was made from it.`,
      figures: { openTime: bar.openTime, ...fault.numbers },
      raisedBy: 'market-analyst',
    },
  };
  return { kind: 'done', events: [told, ...becomeStale(state, bar.symbol, 0, input.ts)] };
}

/** Nothing came of a symbol for longer than it should. Said once, until a bar comes. */
export function fallSilent(
  state: AnalystState,
  { symbol, ageMs }: LocalInputs['feed.silent'],
  input: Input,
): Decided {
  return { kind: 'done', events: becomeStale(state, symbol, ageMs, input.ts) };
}

function becomeStale(state: AnalystState, symbol: string, ageMs: number, ts: string): NewEvent[] {
  const entry = state.symbols.get(symbol);
  if (entry === undefined || entry.stale) return [];
  entry.stale = true;
  entry.repairedBars = 0;
  state.changes.symbols.add(entry);
  const lastCloseTime = entry.lastBar === null ? null : entry.lastBar.openTime + state.scope.intervalMs;
  return [
    {
      type: marketDataStale.type,
      key: symbol,
      ts,
      data: { symbol, lastCloseTime, ageMs },
    },
  ];
}

type AnalyzeRequested = z.infer<typeof analyzeRequested.schema>;

/** Answers what the analyst thinks now, and keeps the answer. */
export function analyze(state: AnalystState, request: AnalyzeRequested, input: Input): Decided {
  const analysis: Analysis = {
    analysisId: request.analysisId,
    requestedBy: request.requestedBy,
    requestedAt: input.ts,
    views: request.symbols.map((symbol) => view(symbol, state.symbols.get(symbol))),
  };
  state.changes.analyses.push(analysis);
  return { kind: 'done', result: analysis };
}

function view(symbol: string, entry: SymbolState | undefined): View {
  const signal = entry?.lastSignal ?? null;
  const version = entry?.active?.version ?? entry?.pending ?? null;
  return {
    symbol,
    strategy: signal?.strategy ?? version?.strategy ?? null,
    strategyVersion: signal?.strategyVersion ?? version?.version ?? null,
    openTime: signal?.openTime ?? null,
    close: entry?.lastBar?.close ?? null,
    target: signal?.target ?? null,
    stopDistance: signal?.stopDistance ?? null,
    confidence: signal?.confidence ?? null,
    reason: signal?.reason ?? (entry === undefined ? 'not-analysed' : 'no-bar-yet'),
    stale: entry?.stale ?? false,
  };
}
