import { type TradingDays, tradingDays } from '@fleet/domain/day';
import type { EquityMarked, TradingState } from '@fleet/domain/events';
import {
  type Conditions,
  type DayRules,
  initialSupervision,
  NO_FAULTS,
  type SupervisionState,
} from '@fleet/domain/supervision';
import { type AuditHead, EMPTY_CHAIN } from '../audit/chain.ts';
import type { Cycle } from '../cycles/cycle.ts';
import { CycleBook } from '../cycles/cycle-book.ts';
import { OrderBook } from '../orders/order-book.ts';
import type { TrackedOrder } from '../orders/order-track.ts';

type Row = Readonly<Record<string, unknown>>;

/** What does not change while the process runs. */
export interface Scope {
  readonly run: string;
  readonly lockstep: boolean;
  readonly rules: DayRules;
  readonly interval: string;
  readonly intervalMs: number;
  /** Quote asset of all symbols: what deposits count in. */
  readonly quote: string;
}

export type EquityFigures = Omit<EquityMarked, 'kind' | 'ledgerVersion'>;

/** Parts that the next commit writes. */
export interface Changes {
  run: boolean;
  readonly trading: TradingState[];
  readonly days: Map<string, Row>;
  readonly cycles: Set<Cycle>;
  readonly orders: Set<TrackedOrder>;
  readonly decisions: Row[];
  readonly fills: Row[];
  readonly audit: Row[];
}

/** What the orchestrator knows of one run. */
export interface OrchestratorState {
  readonly scope: Scope;
  readonly days: TradingDays;
  /** False until the run's first state is recorded. */
  began: boolean;
  readonly supervision: SupervisionState;
  conditions: Conditions;
  /** Newest figures, also of a cycle that is not decided on yet. */
  equity: EquityFigures | null;
  readonly cycles: CycleBook;
  readonly orders: OrderBook;
  /** Last sequence of exec.status. */
  execSequence: number;
  /** Highest epoch that the executor has confirmed. */
  appliedEpoch: number;
  decidedCycle: string | null;
  cyclesCompleted: number;
  cyclesTimedOut: number;
  audit: AuditHead;
  changes: Changes;
}

export function noChanges(): Changes {
  return {
    run: false,
    trading: [],
    days: new Map(),
    cycles: new Set(),
    orders: new Set(),
    decisions: [],
    fills: [],
    audit: [],
  };
}

export function emptyState(scope: Scope): OrchestratorState {
  return {
    scope,
    days: tradingDays(scope.rules),
    began: false,
    supervision: initialSupervision(0),
    conditions: NO_FAULTS,
    equity: null,
    cycles: new CycleBook(),
    orders: new OrderBook(),
    execSequence: 0,
    appliedEpoch: 0,
    decidedCycle: null,
    cyclesCompleted: 0,
    cyclesTimedOut: 0,
    audit: EMPTY_CHAIN,
    changes: noChanges(),
  };
}
