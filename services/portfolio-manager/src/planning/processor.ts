import type { TradingConfiguration } from '@fleet/domain/configuration';
import type {
  AccountSnapshot,
  BarClosed,
  DayOpened,
  OrderFilled,
  SignalProduced,
  TradingState,
} from '@fleet/domain/events';
import type { DecideContext, Decided, Input, Processor, Subscription } from '@fleet/shared/streams';
import { takeEnd, takeFill, takeSequence, takeSnapshot, takeTransfer } from './bookings.ts';
import { type MarketClock, takeBar, takeFlatten, takeRebalance, takeSignal } from './plan-set.ts';
import type { PlanningState } from './state.ts';
import { loadState, stateRows } from './state-store.ts';

export const SUBSCRIPTIONS: readonly Subscription[] = [
  { stream: 'exec.status', partitions: 'own' },
  { stream: 'orchestrator.commands', partitions: 'own' },
  { stream: 'risk.responses', partitions: 'own' },
  { stream: 'market.events', partitions: 'all' },
  { stream: 'market.bars', partitions: 'all' },
  { stream: 'analysis.signals', partitions: 'all' },
];

/** Local input of POST /portfolio/rebalance. */
export const REBALANCE = 'rebalance.requested';

const DONE: Decided = Object.freeze({ kind: 'done' });

type StatusHandler = (state: PlanningState, data: never, input: Input) => Decided | undefined;
type Handler = (
  state: PlanningState,
  data: never,
  input: Input,
  context: DecideContext,
  market: MarketClock,
) => Decided;

const end = (state: PlanningState, data: { proposalId: string | null }): undefined => {
  takeEnd(state, data.proposalId);
};
const nothing = (): undefined => undefined;

/** Events of `exec.status`: each moves the account's sequence by one, also those that book nothing. */
const STATUS: Readonly<Record<string, StatusHandler>> = {
  'account.snapshot': (state, data: AccountSnapshot, input) => {
    takeSnapshot(state, data, input);
    return undefined;
  },
  'order.filled': (state, data: OrderFilled, input) => takeFill(state, data, input),
  'order.canceled': end,
  'order.rejected': end,
  'order.expired': end,
  'cash.moved': (state, data: { asset: string; amount: string; time: number }, input) => {
    takeTransfer(state, data, input);
    return undefined;
  },
  'order.accepted': nothing,
  'order.unknown': nothing,
  'order.resolved': nothing,
  'reconciliation.completed': nothing,
  'trading-state.applied': nothing,
};

const OTHERS: Readonly<Record<string, Handler>> = {
  'bar.closed': (state, data: BarClosed, input) => takeBar(state, data, input),
  'signal.produced': (state, data: SignalProduced, input) => takeSignal(state, data, input),
  'flatten.requested': (state, data: { flattenId: string; stateEpoch: number }, input, context, market) =>
    takeFlatten(state, data, input, context, market),
  'order.denied': (state, data: { proposalId: string; code: string }) => {
    // A conflict denies another proposal under the same id: the one that was approved lives on.
    if (data.code !== 'PROPOSAL_CONFLICT') takeEnd(state, data.proposalId);
    return DONE;
  },
  'trading-state.changed': (state, data: { state: TradingState }) => takeTradingState(state, data.state),
  'day.opened': (state, data: DayOpened) => {
    state.portfolio.day = data.day;
    state.changes.account = true;
    return DONE;
  },
  [REBALANCE]: (state, data: { requestId: string }, input, context, market) =>
    takeRebalance(state, data, input, context, market),
};

export const HANDLES: readonly string[] = [
  ...Object.keys(STATUS),
  ...Object.keys(OTHERS).filter((type) => type !== REBALANCE),
];

function takeTradingState(state: PlanningState, trading: TradingState): Decided {
  const known = state.portfolio.trading;
  if (known !== null && trading.epoch <= known.epoch) return DONE;
  state.portfolio.trading = trading;
  state.changes.account = true;
  return DONE;
}

/** Signals to proposals, fills to ledger: one account, one order of things. */
export function createPlanning(
  configuration: TradingConfiguration,
  market: MarketClock,
): Processor<PlanningState> {
  return {
    load: (db, scope) => loadState(db, scope.run, configuration),
    decide: (state, input, context) => decide(state, input, context, market),
    rows: stateRows,
  };
}

function decide(state: PlanningState, input: Input, context: DecideContext, market: MarketClock): Decided {
  const status = STATUS[input.type];
  if (status !== undefined) {
    // The catalog parsed the data by the type's schema.
    if (!takeSequence(state, (input.data as { sequence: number }).sequence)) return DONE;
    return status(state, input.data as never, input) ?? DONE;
  }
  const handler = OTHERS[input.type];
  if (handler === undefined) throw new Error(`input type ${input.type} has no handler`);
  return handler(state, input.data as never, input, context, market);
}
