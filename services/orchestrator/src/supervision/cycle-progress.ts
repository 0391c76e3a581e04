import { decideOnMark, NOTHING } from '@fleet/domain/supervision';
import { type Cycle, isComplete, type SymbolInputs } from '../cycles/cycle.ts';
import { latencyMs } from '../cycles/cycle-report.ts';
import { carryOut, noteDay } from './outcomes.ts';
import type { Turn } from './turn.ts';

/** After each event about a cycle, whatever the order: completes it, decides on its mark once, settles its parent. */
export function advance(turn: Turn, cycle: Cycle): void {
  turn.touch(cycle);
  if (cycle.completedAt === null && isComplete(cycle)) complete(turn, cycle);
  if (mayDecide(cycle)) decideCycle(turn, cycle);
  const { cycles } = turn.state;
  if (cycle.proposals?.length === 0 && cycles.isSettled(cycle)) cycle.inputs = {};
  const parent = cycle.parent === null ? undefined : cycles.get(cycle.parent);
  if (parent !== undefined) turn.touch(parent);
}

/** Kept for the explanation of the cycle's orders; a cycle that was settled without any needs none. */
export function keepInputs(turn: Turn, cycle: Cycle, symbol: string, inputs: SymbolInputs): void {
  if (cycle.proposals?.length === 0 && turn.state.cycles.isSettled(cycle)) return;
  cycle.inputs[symbol] = { ...cycle.inputs[symbol], ...inputs };
  turn.touch(cycle);
}

/** Given up when live: its mark is decided on all the same, since a loss cap cannot wait for a lost order. */
export function timeOut(turn: Turn, cycle: Cycle): void {
  cycle.timedOut = true;
  turn.state.cyclesTimedOut += 1;
  turn.state.changes.run = true;
  turn.effects.push({ kind: 'completed', outcome: 'timed-out', latencyMs: null });
  advance(turn, cycle);
}

function mayDecide(cycle: Cycle): boolean {
  return (
    cycle.kind === 'bars' &&
    !cycle.decided &&
    cycle.mark !== null &&
    (cycle.completedAt !== null || cycle.timedOut)
  );
}

function complete(turn: Turn, cycle: Cycle): void {
  const { state, context } = turn;
  cycle.completedAt = context.wallNow;
  if (cycle.kind !== 'bars') return;
  state.cyclesCompleted += 1;
  state.changes.run = true;
  turn.effects.push({ kind: 'completed', outcome: 'complete', latencyMs: latencyMs(cycle) });
}

function decideCycle(turn: Turn, cycle: Cycle): void {
  const { state } = turn;
  const { supervision, scope } = state;
  const { mark } = cycle;
  if (mark === null) return;
  cycle.decided = true;
  // One that was held up does not set the fleet back behind a later mark.
  const superseded = supervision.lastMark !== null && mark.openTime < supervision.lastMark.openTime;
  if (!superseded) {
    const at = mark.openTime + scope.intervalMs;
    const latches = latchesOf(turn);
    const outcome = decideOnMark(supervision, scope.rules, mark, at);
    if (latchesOf(turn) !== latches) noteDay(turn);
    if (outcome !== NOTHING) carryOut(turn, outcome, { at, occasion: cycle.cycleId });
    cycle.flattenId = outcome.flatten?.flattenId ?? null;
    state.decidedCycle = cycle.cycleId;
    state.changes.run = true;
  }
  cycle.stateEpoch = supervision.trading.epoch;
}

function latchesOf({ state }: Turn): string {
  const { day } = state.supervision;
  return `${day?.targetReached} ${day?.lossCapReached}`;
}
