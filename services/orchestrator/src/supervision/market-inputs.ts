import type { BarClosed, SignalProduced } from '@fleet/domain/events';
import { cycleId } from '@fleet/domain/orders';
import { type Conditions, rollDay } from '@fleet/domain/supervision';
import type { Decided } from '@fleet/shared/streams';
import { advance, keepInputs } from './cycle-progress.ts';
import { applyConditions, carryOut } from './outcomes.ts';
import type { Turn } from './turn.ts';

/** Opens its cycle; the first of a new trading day rolls the day, which needs the last mark of the old one. */
export function takeBar(turn: Turn, bar: BarClosed): Decided | undefined {
  const { state, context } = turn;
  const day = state.days.dayOf(bar.openTime);
  const open = state.supervision.day;
  if (open === null || day > open.day) {
    const lacking = rollLacks(turn, bar.openTime);
    if (lacking !== null) return { kind: 'wait', for: lacking };
    roll(turn, day, bar.openTime);
  }
  const cycle = state.cycles.ofBars(cycleId(bar.interval, bar.openTime), bar.openTime);
  if (cycle === null) return undefined;
  cycle.openedAt ??= context.wallNow;
  const { open: opened, high, low, close, volume, closeTime } = bar;
  keepInputs(turn, cycle, bar.symbol, { bar: { open: opened, high, low, close, volume, closeTime } });
  advance(turn, cycle);
  return undefined;
}

/** What of the old day is not applied yet, or null. In lock-step its last cycle must be decided, however long it takes. */
function rollLacks({ state, context }: Turn, openTime: number): string | null {
  if (state.supervision.lastMark === null) return 'equity.marked of the opening';
  const last = state.cycles.before(openTime);
  if (last === null || last.decided) return null;
  if (state.scope.lockstep) return `the decision on ${last.cycleId}`;
  return last.mark === null && !context.waitExpired ? `equity.marked of ${last.cycleId}` : null;
}

function roll(turn: Turn, day: string, openTime: number): void {
  const { supervision, scope, cycles } = turn.state;
  const last = cycles.before(openTime)?.mark ?? null;
  // Live, the last cycle may still wait for an order: its mark is the day's closing equity all the same.
  if (last !== null && last.openTime >= (supervision.lastMark?.openTime ?? -1)) supervision.lastMark = last;
  carryOut(turn, rollDay(supervision, scope.rules, day, openTime), { at: openTime, occasion: 'roll' });
}

export function takeSignal(turn: Turn, data: SignalProduced): void {
  const cycle = turn.state.cycles.ofBars(data.cycleId, data.openTime);
  if (cycle === null) return;
  const { strategy, strategyVersion, target, stopDistance, confidence, reason } = data;
  const signal = { strategy, strategyVersion, target, stopDistance, confidence, reason };
  keepInputs(turn, cycle, data.symbol, { signal });
}

/** In lock-step no data are stale: time stands between the steps. */
export function takeStale(turn: Turn, { symbol }: { readonly symbol: string }): void {
  const { staleSymbols } = turn.state.conditions;
  if (turn.state.scope.lockstep || staleSymbols.includes(symbol)) return;
  changeConditions(turn, { staleSymbols: [...staleSymbols, symbol].toSorted() });
}

export function takeRecovered(turn: Turn, { symbol }: { readonly symbol: string }): void {
  const { staleSymbols } = turn.state.conditions;
  if (!staleSymbols.includes(symbol)) return;
  changeConditions(turn, { staleSymbols: staleSymbols.filter((each) => each !== symbol) });
}

export function changeConditions(
  turn: Turn,
  change: Partial<Conditions>,
  at = Date.parse(turn.input.ts),
): void {
  turn.state.conditions = { ...turn.state.conditions, ...change };
  turn.state.changes.run = true;
  applyConditions(turn, at);
}
