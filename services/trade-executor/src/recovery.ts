import { marketTime } from './book/state.ts';
import type { Turn } from './book/turn.ts';
import { endOrder } from './reports/book-order.ts';
import { repeatAbsent } from './sending/resolve.ts';

/**
 * The venue was compared with the books. Clean: approvals are taken from here on, and what was proven absent goes out
 * again. Not clean: approvals that were taken before and not sent are given back, so that they do not keep the stops of
 * their symbols waiting.
 */
export function recoveryDone(turn: Turn, { clean }: { readonly clean: boolean }): void {
  const { desk, gate } = turn.state;
  gate.open = clean;
  repeatAbsent(turn, clean);
  if (clean) return;
  const reason = 'the account is not reconciled with the venue';
  const time = marketTime(turn.state, turn.now);
  for (const order of desk.symbols.flatMap(({ waiting }) => [...waiting]))
    endOrder(turn, order, { how: 'rejected', code: 'NOT_RECONCILED', reason, time });
}
