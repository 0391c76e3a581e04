import type { BarText } from '@fleet/domain/bars';

/**
 * Building of closed bar sets. What this file keeps true, whatever order, loss or repetition the bars arrive in:
 *
 * - sets leave strictly by open time, each once, and never one that another bar could still join;
 * - a symbol is missing from a set only when the venue was asked about that minute and said nothing;
 * - an interval that the venue has for no symbol is no set.
 */

/** A bar as the venue says it, of one symbol. */
export interface ExactBar extends Readonly<BarText> {
  readonly symbol: string;
}

/** All bars of one open time, in configured order. */
export interface BarSet {
  readonly openTime: number;
  readonly bars: readonly ExactBar[];
  readonly missing: readonly string[];
}

/** Before the first bar that the venue has: everything that it has ever had is still to come. */
export const BEFORE_ALL = -1;

export interface BarSetState {
  readonly symbols: readonly string[];
  readonly intervalMs: number;
  /** Open time of the last set that left, or BEFORE_ALL. */
  cursor: number;
  readonly waiting: Map<number, Map<string, ExactBar>>;
  /** Open time up to which what has not arrived of a symbol is known not to exist. */
  readonly settledTo: Map<string, number>;
}

export function openBarSets(symbols: readonly string[], intervalMs: number, cursor: number): BarSetState {
  return { symbols, intervalMs, cursor, waiting: new Map(), settledTo: new Map() };
}

export type Offer = 'taken' | 'known' | 'refused';

/**
 * Takes a bar in. `known`: it, or its whole set, was there before (the first one stays). `refused`: no bar of these
 * sets, by symbol or by an open time that is no multiple of the interval.
 */
export function offerBar(state: BarSetState, bar: ExactBar): Offer {
  if (!state.symbols.includes(bar.symbol) || bar.openTime % state.intervalMs !== 0) return 'refused';
  if (bar.openTime <= state.cursor) return 'known';
  const set = state.waiting.get(bar.openTime) ?? new Map<string, ExactBar>();
  if (set.has(bar.symbol)) return 'known';
  set.set(bar.symbol, bar);
  state.waiting.set(bar.openTime, set);
  return 'taken';
}

/** The venue was asked about a symbol from the cursor to `to`, and its bars were offered: there are no others. */
export function settle(state: BarSetState, symbol: string, to: number): void {
  if (to > settledTo(state, symbol)) state.settledTo.set(symbol, to);
}

/** First open time that a question has to begin with. */
export function questionFrom(state: BarSetState): number {
  return state.cursor === BEFORE_ALL ? 0 : state.cursor + state.intervalMs;
}

/** The next closed set, which is then gone from the state; null while one has to wait. */
export function takeSet(state: BarSetState): BarSet | null {
  const openTime = earliest(state);
  if (openTime === null || gapSymbols(state, openTime).length > 0) return null;
  if (lateSymbols(state, openTime).length > 0) return null;
  const found = state.waiting.get(openTime);
  state.waiting.delete(openTime);
  state.cursor = openTime;
  const bars = state.symbols.flatMap((symbol) => found?.get(symbol) ?? []);
  return { openTime, bars, missing: state.symbols.filter((symbol) => !found?.has(symbol)) };
}

/**
 * What the venue has to be asked before the next set can leave. `gap`: intervals before the earliest waiting bar are
 * unknown; ask at once. `late`: of the earliest set itself something is missing that may be on its way; ask after the
 * grace. Both times the answer about `from` to `to` is final, since the venue has closed a later or equal bar.
 */
export interface Question {
  readonly kind: 'gap' | 'late';
  readonly symbols: readonly string[];
  readonly from: number;
  readonly to: number;
}

export function nextQuestion(state: BarSetState): Question | null {
  const openTime = earliest(state);
  if (openTime === null) return null;
  const from = questionFrom(state);
  const gap = gapSymbols(state, openTime);
  if (gap.length > 0) return { kind: 'gap', symbols: gap, from, to: openTime - state.intervalMs };
  const late = lateSymbols(state, openTime);
  return late.length > 0 ? { kind: 'late', symbols: late, from: openTime, to: openTime } : null;
}

function earliest(state: BarSetState): number | null {
  let first: number | null = null;
  for (const openTime of state.waiting.keys()) if (first === null || openTime < first) first = openTime;
  return first;
}

/** Symbols of which nothing is known between the cursor and the earliest waiting bar. */
function gapSymbols(state: BarSetState, openTime: number): readonly string[] {
  if (openTime === questionFrom(state)) return [];
  return state.symbols.filter((symbol) => settledTo(state, symbol) < openTime - state.intervalMs);
}

function lateSymbols(state: BarSetState, openTime: number): readonly string[] {
  const found = state.waiting.get(openTime);
  return state.symbols.filter((symbol) => !found?.has(symbol) && settledTo(state, symbol) < openTime);
}

function settledTo(state: BarSetState, symbol: string): number {
  return state.settledTo.get(symbol) ?? Number.NEGATIVE_INFINITY;
}
