import type { SignalProduced } from '@fleet/domain/events';
import type { StrategyAssignment } from '@fleet/domain/strategies';
import type { ExactBar } from '../bar-set/decide.ts';
import { type Speaker, type Version, versionOf } from './speaker.ts';

/** What stays the same while the process runs. */
export interface AnalystScope {
  readonly run: string;
  readonly venue: string;
  readonly interval: string;
  readonly intervalMs: number;
  /** One a symbol, in the order of the instruments. */
  readonly assignments: readonly StrategyAssignment[];
}

export interface SymbolState {
  readonly symbol: string;
  /** Version that the configuration gives. */
  configVersion: string;
  active: Speaker | null;
  /** Takes over at the next set. */
  pending: Version | null;
  lastBar: ExactBar | null;
  lastSignal: SignalProduced | null;
  stale: boolean;
  /** Bars that were fetched afterwards since it became stale. */
  repairedBars: number;
}

export interface Analysis {
  readonly analysisId: string;
  readonly requestedBy: string;
  readonly requestedAt: string;
  readonly views: readonly View[];
}

/** What the analyst thinks of a symbol after its last bar; nulls before the first. */
export interface View {
  readonly symbol: string;
  readonly strategy: string | null;
  readonly strategyVersion: string | null;
  readonly openTime: number | null;
  readonly close: string | null;
  readonly target: number | null;
  readonly stopDistance: number | null;
  readonly confidence: number | null;
  readonly reason: string;
  readonly stale: boolean;
}

/** Rows of the decisions since the last commit. */
export interface Changes {
  readonly symbols: Set<SymbolState>;
  readonly bars: ExactBar[];
  readonly signals: SignalProduced[];
  readonly versions: { readonly speaker: Speaker; readonly firstOpenTime: number }[];
  readonly analyses: Analysis[];
  cursor: boolean;
}

export interface AnalystState {
  readonly scope: AnalystScope;
  /** Open time of the last set; BEFORE_ALL before the first one of all data; null until the feed has begun. */
  cursor: number | null;
  readonly symbols: ReadonlyMap<string, SymbolState>;
  changes: Changes;
}

/** What is stored of a symbol. */
export type StoredSymbol = Omit<SymbolState, 'symbol'>;

export function createState(
  scope: AnalystScope,
  stored: { readonly cursor: number | null; readonly symbols: ReadonlyMap<string, StoredSymbol> },
): AnalystState {
  const symbols = scope.assignments.map((assignment) => {
    const known = stored.symbols.get(assignment.symbol);
    return known === undefined
      ? newSymbol(assignment)
      : reconfigured({ ...known, symbol: assignment.symbol }, assignment);
  });
  return {
    scope,
    cursor: stored.cursor,
    symbols: new Map(symbols.map((symbol) => [symbol.symbol, symbol])),
    changes: noChanges(),
  };
}

function newSymbol(assignment: StrategyAssignment): SymbolState {
  const pending = versionOf(assignment);
  return {
    symbol: assignment.symbol,
    configVersion: pending.version,
    active: null,
    pending,
    lastBar: null,
    lastSignal: null,
    stale: false,
    repairedBars: 0,
  };
}

/** What was deployed stays until the configuration itself says something new. */
function reconfigured(known: SymbolState, assignment: StrategyAssignment): SymbolState {
  const configured = versionOf(assignment);
  if (known.configVersion !== configured.version) {
    known.configVersion = configured.version;
    known.pending = configured;
  }
  if (known.active === null && known.pending === null) known.pending = configured;
  if (known.pending?.version === known.active?.version.version) known.pending = null;
  return known;
}

export function noChanges(): Changes {
  return { symbols: new Set(), bars: [], signals: [], versions: [], analyses: [], cursor: false };
}
