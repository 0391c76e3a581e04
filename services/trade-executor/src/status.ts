import type { ExecutorState } from './book/state.ts';
import { standsAtVenue } from './book/state.ts';
import type { VenueLeadership } from './session/leadership.ts';

/** The service's part of `GET /status`: what the replay driver compares with the venue, from memory alone. */
export function executorStatus(
  state: ExecutorState | null,
  session: VenueLeadership | null,
  run: string,
): object {
  if (state === null) return { run, session: 'standby' };
  const { account, desk, intents, reconciled } = state;
  let openIntents = 0;
  for (const intent of intents.values()) if (intent.state !== 'settled') openIntents += 1;
  return {
    run,
    session: session?.mode ?? 'standby',
    execSequence: account.sequence,
    lastTradeIds: Object.fromEntries([...state.trades].map(([symbol, { last }]) => [symbol, last])),
    openOrders: [...desk.orders.values()].filter(standsAtVenue).map(({ clientOrderId }) => clientOrderId),
    openIntents,
    owed: owedCommands(state),
    inFlight: session?.inFlight ?? 0,
    stateEpoch: account.unconfirmed.length === 0 ? account.epoch : (account.unconfirmed[0]?.epoch ?? 1) - 1,
    market: account.market,
    reconciled: state.gate.open,
    frozenSymbols: reconciled?.frozenSymbols ?? [],
  };
}

/** Approvals, cancels and repetitions that have not gone out, and symbols that wait for an answer or rest. */
function owedCommands({ desk, resting }: ExecutorState): number {
  let owed = resting.size;
  for (const { waiting, cancels, busy } of desk.symbols)
    owed += waiting.length + cancels.length + (busy === null ? 0 : 1);
  return owed;
}

/** Why the executor cannot do its job; empty when it can, and in a replica that stands by. */
export function executorProblems(
  state: ExecutorState | null,
  session: VenueLeadership | null,
): readonly string[] {
  if (state === null || session === null) return [];
  if (session.mode === 'trading') return [];
  return [`venue: ${session.mode}${session.problem === null ? '' : `, ${session.problem}`}`];
}
