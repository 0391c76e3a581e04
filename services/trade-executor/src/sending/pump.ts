import { nextCommand, type VenueCommand } from '@fleet/domain/execution';
import type { ExecutorState, Intent } from '../book/state.ts';
import { openIntentOf } from '../book/state.ts';
import type { Turn } from '../book/turn.ts';
import type { VenueRequest } from '../venue/port.ts';
import { cancelRequest, placeRequest, replaceRequest, type Timing } from '../venue/request.ts';

/**
 * Asks the desk what it wants next, symbol by symbol in configured order, and commits it as an intent; the request goes
 * out after that commit. One at a time per symbol: the next command waits for the answer.
 */
export function pump(turn: Turn): void {
  const { state } = turn;
  if (!state.gate.pumping) return;
  for (const { index, instrument, waiting } of state.desk.symbols) {
    // Approvals wait for the reconciliation; cancels and owed stops do not.
    if (!state.gate.open && waiting.length > 0) continue;
    if (state.resting.has(index) || openIntentOf(state, instrument.symbol) !== null) continue;
    const command = nextCommand(state.desk, index);
    if (command !== null) intend(turn, command, 1);
  }
}

/** Writes the request down, with a timestamp of its own. */
export function intend(turn: Turn, command: VenueCommand, attempt: number): void {
  const { account, intents, scope } = turn.state;
  account.lastIntentId += 1;
  const timing: Timing = { timestamp: turn.now, recvWindow: scope.recvWindowMs };
  const intent: Intent = {
    id: account.lastIntentId,
    symbol: command.order.symbol,
    kind: command.kind,
    clientOrderId: command.order.clientOrderId,
    cancelClientOrderId: command.kind === 'replace' ? command.cancel.clientOrderId : null,
    attempt,
    request: requestOf(command, timing),
    ...timing,
    state: 'open',
    outcome: null,
  };
  intents.set(intent.id, intent);
  turn.effects.push({ kind: 'send', intent: intent.id });
}

function requestOf(command: VenueCommand, timing: Timing): VenueRequest {
  switch (command.kind) {
    case 'place':
      return placeRequest(command.order, timing);
    case 'cancel':
      return cancelRequest(command.order, timing);
    case 'replace':
      return replaceRequest(command.cancel, command.order, timing);
  }
}

export function settle(intent: Intent, outcome: string): void {
  intent.state = 'settled';
  intent.outcome = outcome.slice(0, 300);
}

/** The intent when it still waits for its answer; a second answer to the same request changes nothing. */
export function waitingIntent(state: ExecutorState, id: number): Intent | null {
  const intent = state.intents.get(id);
  return intent === undefined || intent.state === 'settled' ? null : intent;
}
