import {
  cancelAllRequested,
  cancelAuthorised,
  type OrderAuthorised,
  type OrderDenied,
  orderAuthorised,
  orderDenied,
  tradingStateChanged,
} from '@fleet/domain/events';
import { decimal } from '@fleet/domain/money';
import type {
  DecideContext,
  Decided,
  Input,
  Processor,
  RunnerControl,
  Subscription,
} from '@fleet/shared/streams';
import { loadExecutor } from './book/load.ts';
import { executorRows } from './book/rows.ts';
import type { ExecutorScope, ExecutorState } from './book/state.ts';
import { beginTurn, decidedBy, type Effect, type Turn } from './book/turn.ts';
import type { LocalInputs, LocalType } from './inputs.ts';
import { authorisedWaits, takeAuthorised, takeCancelAuthorised } from './intake/authorised.ts';
import type { RiskKeys } from './intake/risk-keys.ts';
import { proposeManual } from './manual/decide.ts';
import { deniesManual, takeDenied } from './manual/denied.ts';
import { moveCash, reconcile } from './reconciliation/decide.ts';
import { recoveryDone } from './recovery.ts';
import { bookOrder } from './reports/book-order.ts';
import { bookTrade } from './reports/book-trade.ts';
import { confirmTrades, missedFills } from './reports/missed.ts';
import { bookTruth } from './reports/truth.ts';
import { takeAnswer } from './sending/answer.ts';
import { pump, settle, waitingIntent } from './sending/pump.ts';
import { takeRefusal } from './sending/refuse.ts';
import { sendAgain } from './sending/repeat.ts';
import { takeResolution } from './sending/resolve.ts';
import { takeCancelAll, takeTradingState } from './trading-state/commands.ts';
import { confirmStates } from './trading-state/confirm.ts';

export const SUBSCRIPTIONS: readonly Subscription[] = [
  { stream: 'exec.orders', partitions: 'own' },
  { stream: 'orchestrator.commands', partitions: 'own' },
  // For the manual orders that risk denies; approvals come signed on exec.orders.
  { stream: 'risk.responses', partitions: 'own' },
  // Read so that the stream can be trimmed: what bars say reaches the executor with each approval.
  { stream: 'market.events', partitions: 'all' },
];
export const HANDLES: readonly string[] = [
  orderAuthorised.type,
  cancelAuthorised.type,
  tradingStateChanged.type,
  cancelAllRequested.type,
  orderDenied.type,
];

/** What talks to the venue while this replica holds the lease. */
export interface LeasedSession {
  /** Resolves when the account is settled, booked and reconciled (or cannot be, and people were told). */
  start(control: RunnerControl): Promise<void>;
  take(effects: readonly Effect[]): void;
  stop(): void;
}

export interface ExecutorOptions {
  readonly scope: ExecutorScope;
  readonly risk: RiskKeys;
  readonly session: LeasedSession;
}

/** Approvals in, requests to the venue out, and what became of them: each step in one commit. */
export function createProcessor({ scope, risk, session }: ExecutorOptions): Processor<ExecutorState> {
  return {
    load: (db) => loadExecutor(db, scope),
    decide: (state, input, context) => decide(state, input, context, risk),
    rows: executorRows,
    onLease: (_state, control) => session.start(control),
    onLost: () => session.stop(),
    afterCommit: (effects) => session.take(effects as readonly Effect[]),
  };
}

/** Of further partitions: every one gets a copy of each command, and the first one's leaseholder acts on it. */
export function createIdleProcessor(): Processor<null> {
  return { load: async () => null, decide: () => ({ kind: 'done' }), rows: () => [] };
}

export function decide(state: ExecutorState, input: Input, context: DecideContext, risk: RiskKeys): Decided {
  if (input.type === orderAuthorised.type) {
    const waits = authorisedWaits(state, input, context);
    if (waits !== null) return waits;
  }
  if (input.type === orderDenied.type && !deniesManual(state, input.data as OrderDenied))
    return { kind: 'done' };
  const turn = beginTurn(state, input, context);
  handle(turn, input, risk);
  pump(turn);
  confirmStates(turn);
  return decidedBy(turn);
}

function handle(turn: Turn, { type, data }: Input, risk: RiskKeys): void {
  const handler = type === orderAuthorised.type ? undefined : HANDLERS.get(type);
  // The catalog has parsed the events, and local inputs are typed where they are submitted.
  if (type === orderAuthorised.type) takeAuthorised(turn, data as OrderAuthorised, risk);
  else if (handler === undefined) throw new Error(`input type ${type} has no handler`);
  else handler(turn, data as never);
}

const LOCAL: { readonly [Type in LocalType]: (turn: Turn, data: LocalInputs[Type]) => void } = {
  'venue.order': bookOrder,
  'venue.trade': (turn, data) => {
    bookTrade(turn, data);
    missedFills(turn, data.fact, data.executed);
  },
  'venue.cash': (turn, { asset, amount, time, id }) => {
    // Before the first snapshot it is part of what that snapshot shows.
    if (!turn.state.account.opened) return;
    moveCash(turn, { asset, amount: decimal(amount), reason: 'balance update of the venue', time, id });
  },
  'venue.trades': (turn, data) => {
    for (const trade of data.trades) bookTrade(turn, trade);
    confirmTrades(turn.state, data.symbol, data.confirmed);
  },
  'venue.truth': bookTruth,
  'request.answered': takeAnswer,
  'request.refused': takeRefusal,
  'request.late': (turn, { intent: id }) => {
    const intent = waitingIntent(turn.state, id);
    if (intent === null) return;
    settle(intent, 'late');
    sendAgain(turn, intent);
  },
  'request.resolved': takeResolution,
  'recovery.lost': ({ state }) => {
    state.gate.open = false;
  },
  'recovery.booked': ({ state }) => {
    state.gate.pumping = true;
  },
  'recovery.done': recoveryDone,
  'venue.reconciled': (turn, data) => {
    turn.result = reconcile(turn, data);
  },
  'symbol.resumed': ({ state }, { index }) => {
    state.resting.delete(index);
  },
  'states.confirm': () => {},
  'cancel-all.asked': (turn, data) => {
    turn.result = takeCancelAll(turn, data);
  },
  'manual.asked': (turn, data) => {
    turn.result = proposeManual(turn, data);
  },
};

type Handler = (turn: Turn, data: never) => void;

const HANDLERS: ReadonlyMap<string, Handler> = new Map<string, Handler>([
  ...Object.entries(LOCAL),
  [cancelAuthorised.type, takeCancelAuthorised],
  [tradingStateChanged.type, takeTradingState],
  [orderDenied.type, takeDenied],
  [
    cancelAllRequested.type,
    (turn, data) => {
      takeCancelAll(turn, data);
    },
  ],
]);
