import type { cashMoved, reconciliationCompleted, tradingStateApplied } from '@fleet/domain/events';
import type { z } from 'zod';
import { changeConditions } from './market-inputs.ts';
import { noteDay } from './outcomes.ts';
import type { Turn } from './turn.ts';

/** How far exec.status has been read: the replay driver compares it with the executor's own. */
export function takeSequence({ state, effects }: Turn, { sequence }: { readonly sequence: number }): void {
  if (sequence <= state.execSequence) return;
  state.execSequence = sequence;
  state.changes.run = true;
  effects.push({ kind: 'figures' });
}

/** The executor has stored the epoch: a halt is confirmed by it. */
export function takeApplied(turn: Turn, { epoch }: z.infer<typeof tradingStateApplied.schema>): void {
  turn.state.appliedEpoch = Math.max(turn.state.appliedEpoch, epoch);
}

export function takeReconciliation(
  turn: Turn,
  { clean, time }: z.infer<typeof reconciliationCompleted.schema>,
): void {
  changeConditions(turn, { reconciliation: clean ? 'clean' : 'failed' }, time);
}

/** Deposits and withdrawals are no profit. */
export function takeTransfer(turn: Turn, { asset, amount }: z.infer<typeof cashMoved.schema>): void {
  const { supervision, scope } = turn.state;
  if (asset !== scope.quote || supervision.day === null) return;
  supervision.day.netDeposits += Number(amount);
  noteDay(turn);
}
