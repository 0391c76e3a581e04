import type { TradingConfiguration } from '@fleet/domain/configuration';
import type {
  AccountSnapshot,
  BarClosed,
  CancelProposed,
  DayOpened,
  OrderFilled,
  OrderProposed,
  TradingState,
} from '@fleet/domain/events';
import type { Verdict } from '@fleet/domain/risk';
import type { DecideContext, Decided, Input, Processor, Subscription } from '@fleet/shared/streams';
import {
  freeze,
  takeBar,
  takeDay,
  takeEnd,
  takeFill,
  takeReconciliation,
  takeSequence,
  takeSnapshot,
  takeTradingState,
  takeTransfer,
  unfreeze,
} from './bookings.ts';
import { decideCancel, decideOrder, type OrderCheckParts } from './decide-order.ts';
import type { OrderCheckState } from './state.ts';
import { loadState, stateRows } from './state-store.ts';

export const SUBSCRIPTIONS: readonly Subscription[] = [
  { stream: 'exec.status', partitions: 'own' },
  { stream: 'orchestrator.commands', partitions: 'own' },
  { stream: 'market.bars', partitions: 'all' },
  { stream: 'market.events', partitions: 'all' },
  { stream: 'portfolio.events', partitions: 'own' },
  { stream: 'risk.requests', partitions: 'own' },
];

const DONE: Decided = Object.freeze({ kind: 'done' });

type Handler = (
  state: OrderCheckState,
  data: never,
  input: Input,
  context: DecideContext,
  parts: OrderCheckParts,
) => Decided;

interface OrderEvent {
  readonly proposalId: string | null;
  readonly clientOrderId: string;
  readonly symbol: string;
}

/** Events of `exec.status`: each moves the account's sequence by one, also those that change nothing else. */
const STATUS: Readonly<Record<string, (state: OrderCheckState, data: never) => void>> = {
  'account.snapshot': (state, data: AccountSnapshot) => takeSnapshot(state, data),
  'order.filled': (state, data: OrderFilled) => takeFill(state, data),
  'order.canceled': (state, data: OrderEvent) => takeEnd(state, data.proposalId),
  'order.rejected': (state, data: OrderEvent) => takeEnd(state, data.proposalId),
  'order.expired': (state, data: OrderEvent) => takeEnd(state, data.proposalId),
  'order.unknown': (state, data: OrderEvent) =>
    freeze(state, data.symbol, data.clientOrderId, 'an order is UNKNOWN'),
  'order.resolved': (state, data: OrderEvent) => unfreeze(state, data.symbol, data.clientOrderId),
  'cash.moved': (state, data: { asset: string; amount: string }) =>
    takeTransfer(state, data.asset, data.amount),
  'reconciliation.completed': (state, data: { frozenSymbols: readonly string[] }) =>
    takeReconciliation(state, data.frozenSymbols),
  'order.accepted': () => undefined,
  'trading-state.applied': () => undefined,
};

/** What is only taken in, without a sequence of the account. */
const OBSERVED: Readonly<Record<string, (state: OrderCheckState, data: never) => void>> = {
  'bar.closed': (state, data: BarClosed) => takeBar(state, data),
  'trading-state.changed': (state, data: { state: TradingState }) => takeTradingState(state, data.state),
  'day.opened': (state, data: DayOpened) => takeDay(state, data),
};

const ASKED: Readonly<Record<string, Handler>> = {
  'order.proposed': (state, data: OrderProposed, input, context, parts) =>
    decideOrder(state, data, input, context, parts),
  'cancel.proposed': (_state, data: CancelProposed, input) => decideCancel(data, input),
};

export const HANDLES: readonly string[] = [STATUS, OBSERVED, ASKED].flatMap((table) => Object.keys(table));

/** Every proposal, in the order of its stream, against the state that it names. */
export function createOrderCheck(
  configuration: TradingConfiguration,
  parts: OrderCheckParts,
): Processor<OrderCheckState> {
  return {
    load: (db, scope) => loadState(db, scope.run, configuration),
    decide: (state, input, context) => decide(state, input, context, parts),
    rows: stateRows,
    afterCommit: (effects) => {
      for (const effect of effects) parts.decided(effect as Verdict);
    },
  };
}

function decide(
  state: OrderCheckState,
  input: Input,
  context: DecideContext,
  parts: OrderCheckParts,
): Decided {
  const status = STATUS[input.type];
  if (status !== undefined) {
    // The catalog parsed the data by the type's schema.
    if (takeSequence(state, (input.data as { sequence: number }).sequence))
      status(state, input.data as never);
    return DONE;
  }
  const observed = OBSERVED[input.type];
  if (observed !== undefined) {
    observed(state, input.data as never);
    return DONE;
  }
  const asked = ASKED[input.type];
  if (asked === undefined) throw new Error(`input type ${input.type} has no handler`);
  return asked(state, input.data as never, input, context, parts);
}
