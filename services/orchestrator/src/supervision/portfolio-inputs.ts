import type { CyclePlanned, EquityMarked } from '@fleet/domain/events';
import { cycleId } from '@fleet/domain/orders';
import type { Mark } from '@fleet/domain/supervision';
import { type Cycle, emptyCycle } from '../cycles/cycle.ts';
import { advance } from './cycle-progress.ts';
import type { Turn } from './turn.ts';

/** How many orders a cycle wishes, and which; also those of a flatten, under the flatten's id. */
export function takePlan(turn: Turn, data: CyclePlanned): void {
  const { cycles, orders } = turn.state;
  const cycle = cycleOf(turn, data.cycleId, data.openTime);
  if (cycle === null) return;
  cycles.plan(cycle, data.proposals, (proposal) => orders.isAcknowledged(proposal));
  advance(turn, cycle);
}

/** The equity that the next decision stands on; the run's first is the opening of its first day. */
export function takeMark(turn: Turn, data: EquityMarked): void {
  const { state } = turn;
  const { kind, ledgerVersion: _booked, ...figures } = data;
  if (state.equity === null || figures.openTime >= state.equity.openTime) {
    state.equity = figures;
    state.changes.run = true;
    turn.effects.push({ kind: 'figures' });
  }
  const mark: Mark = {
    cycleId: data.cycleId,
    openTime: data.openTime,
    equity: data.equity,
    equityMark: data.equityMark,
    holding: data.holding.length > 0,
  };
  if (kind === 'opening') {
    state.supervision.lastMark ??= mark;
    return;
  }
  const cycle = cycleOf(turn, data.cycleId, data.openTime);
  if (cycle === null || cycle.mark !== null) return;
  cycle.mark = mark;
  advance(turn, cycle);
}

/** An id that is no bar set's stands for orders outside of one. */
function cycleOf({ state, context }: Turn, id: string, openTime: number): Cycle | null {
  const { cycles, scope } = state;
  if (id === cycleId(scope.interval, openTime)) return cycles.ofBars(id, openTime);
  const known = cycles.get(id);
  if (known !== undefined) return known;
  const cycle = cycles.add(emptyCycle({ cycleId: id, kind: 'orders', parent: null, openTime }));
  cycle.openedAt = context.wallNow;
  return cycle;
}
