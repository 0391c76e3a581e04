import type { DecideContext, Decided, Input, Processor, Subscription } from '@fleet/shared/streams';
import { takeApplied, takeReconciliation, takeSequence, takeTransfer } from './account-inputs.ts';
import type { LocalInputs } from './inputs.ts';
import { takeBar, takeRecovered, takeSignal, takeStale } from './market-inputs.ts';
import { takeApproved, takeDenied, takeFill, takeOrder } from './order-inputs.ts';
import {
  beginRun,
  cycleOverdue,
  flattenOverdue,
  halt,
  haltUnconfirmed,
  noteAdminCall,
  noteRequeue,
  reduce,
  reopenDay,
  requestAnalysis,
  unhalt,
} from './person-inputs.ts';
import { takeMark, takePlan } from './portfolio-inputs.ts';
import type { OrchestratorState, Scope } from './state.ts';
import { loadState, stateRows } from './state-store.ts';
import { Turn } from './turn.ts';

export const SUBSCRIPTIONS: readonly Subscription[] = [
  { stream: 'market.bars', partitions: 'all' },
  { stream: 'market.events', partitions: 'all' },
  { stream: 'analysis.signals', partitions: 'all' },
  { stream: 'portfolio.events', partitions: 'own' },
  { stream: 'risk.responses', partitions: 'own' },
  { stream: 'exec.status', partitions: 'own' },
];

// The catalog parsed the data by the type's schema; local inputs are typed where they are submitted.
/** Takes what has happened. */
type Taker = (turn: Turn, data: never) => void;
/** May answer, or wait for another stream. */
type Decider = (turn: Turn, data: never) => Decided | undefined;

/** Events of `exec.status`: each moves the sequence, also those that change nothing else. */
const STATUS: Readonly<Record<string, Taker>> = {
  'order.accepted': takeOrder,
  'order.filled': takeFill,
  'order.canceled': takeOrder,
  'order.rejected': takeOrder,
  'order.expired': takeOrder,
  'order.unknown': takeOrder,
  'order.resolved': takeOrder,
  'account.snapshot': () => undefined,
  'cash.moved': takeTransfer,
  'reconciliation.completed': takeReconciliation,
  'trading-state.applied': takeApplied,
};

const EVENTS: Readonly<Record<string, Taker>> = {
  'market-data.stale': takeStale,
  'market-data.recovered': takeRecovered,
  'signal.produced': takeSignal,
  'cycle.planned': takePlan,
  'equity.marked': takeMark,
  'order.approved': takeApproved,
  'order.denied': takeDenied,
};

const EVENTS_DECIDED: Readonly<Record<string, Decider>> = { 'bar.closed': takeBar };

type Answered = 'person.halt' | 'person.unhalt' | 'person.reduce' | 'person.reset-day' | 'person.analyze';

const LOCAL_DECIDED: Readonly<Record<Answered, Decider>> = {
  'person.halt': halt,
  'person.unhalt': unhalt,
  'person.reduce': reduce,
  'person.reset-day': reopenDay,
  'person.analyze': requestAnalysis,
};

const LOCAL: Readonly<Record<Exclude<keyof LocalInputs, Answered>, Taker>> = {
  'run.began': beginRun,
  'person.requeue': noteRequeue,
  'halt.unconfirmed': haltUnconfirmed,
  'cycle.overdue': cycleOverdue,
  'flatten.overdue': flattenOverdue,
  'admin.called': noteAdminCall,
};

export const HANDLES: readonly string[] = [
  ...Object.keys(STATUS),
  ...Object.keys(EVENTS),
  ...Object.keys(EVENTS_DECIDED),
];

const TAKERS: ReadonlyMap<string, Taker> = new Map(
  [STATUS, EVENTS, LOCAL].flatMap((handlers) => Object.entries(handlers)),
);
const DECIDERS: ReadonlyMap<string, Decider> = new Map(
  [EVENTS_DECIDED, LOCAL_DECIDED].flatMap((handlers) => Object.entries(handlers)),
);

type Hooks = Pick<Processor<OrchestratorState>, 'onLease' | 'afterCommit' | 'onLost'>;

/** Trading state, day and cycles of one run: every input in, decisions out in the same commit. */
export function createSupervision(scope: Scope, hooks: Hooks): Processor<OrchestratorState> {
  return { load: (db) => loadState(db, scope), decide, rows: stateRows, ...hooks };
}

export function decide(state: OrchestratorState, input: Input, context: DecideContext): Decided {
  const turn = new Turn(state, input, context);
  const taker = TAKERS.get(input.type);
  const decider = DECIDERS.get(input.type);
  if (taker === undefined && decider === undefined)
    throw new Error(`input type ${input.type} has no handler`);
  if (input.stream === 'exec.status') takeSequence(turn, input.data as never);
  taker?.(turn, input.data as never);
  const decided = decider?.(turn, input.data as never);
  return decided ?? { kind: 'done', events: turn.events, effects: turn.effects };
}

/** Of further partitions: the first one's leaseholder sees the account and acts on it. */
export function createIdleProcessor(): Processor<null> {
  return { load: async () => null, decide: () => ({ kind: 'done' }), rows: () => [] };
}
