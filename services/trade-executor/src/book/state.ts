import type { TradingState } from '@fleet/domain/events';
import { type DeskOrder, type DeskState, emptyDesk } from '@fleet/domain/execution';
import type { Instrument } from '@fleet/domain/instruments';
import type { Decimal } from '@fleet/domain/money';
import type { VenueRequest } from '../venue/port.ts';
import type { RowMemory } from './changes.ts';
import type { HistoryRow } from './history.ts';

/** What does not change while the process runs. */
export interface ExecutorScope {
  readonly run: string;
  readonly mode: 'lockstep' | 'paced' | 'live';
  readonly venue: string;
  readonly instruments: readonly Instrument[];
  readonly intervalMs: number;
  readonly recvWindowMs: number;
}

/** One request to the venue, committed before it is sent. */
export interface Intent {
  readonly id: number;
  readonly symbol: string;
  readonly kind: 'place' | 'cancel' | 'replace';
  readonly clientOrderId: string;
  readonly cancelClientOrderId: string | null;
  readonly attempt: number;
  readonly request: VenueRequest;
  /** Wall time that the request carries. */
  readonly timestamp: number;
  readonly recvWindow: number;
  /** `absent`: proven not to be at the venue, to be sent again at the end of the recovery. */
  state: 'open' | 'absent' | 'settled';
  outcome: string | null;
}

/** Trades of a symbol that are booked. */
export interface TradeBook {
  /** Every trade up to this id is booked. */
  confirmed: number;
  /** Newest booked id, as the replay driver compares it. */
  last: number;
  /** Booked ids above `confirmed`. */
  readonly booked: Set<number>;
}

export interface Account {
  sequence: number;
  lastIntentId: number;
  opened: boolean;
  /** Total by asset, as the bookings give it. */
  readonly balances: Map<string, Decimal>;
  /** Latest market time that an input carried. */
  market: number;
  /** Open time of the newest bar that an approval named. */
  barTime: number;
  /** Highest trading state epoch that was stored. */
  epoch: number;
  trading: TradingState | null;
  unconfirmed: readonly TradingState[];
}

export interface Trace {
  readonly traceparent: string;
  readonly requestId: string;
}

/** A manual order that risk has not answered. */
export interface Proposed {
  readonly order: DeskOrder;
  readonly trace: Trace;
}

export interface Reconciled {
  readonly sequence: number;
  readonly clean: boolean;
  readonly frozenSymbols: readonly string[];
  /** Wall time. */
  readonly at: number;
}

/** Not stored: what the recovery of this leadership has reached. */
export interface Gate {
  /** Missed fills are booked: commands may go out. */
  pumping: boolean;
  /** Reconciled: approvals are taken. */
  open: boolean;
}

export interface ExecutorState {
  readonly scope: ExecutorScope;
  readonly desk: DeskState;
  readonly account: Account;
  /** By symbol, configured ones and others that the account has traded. */
  readonly trades: Map<string, TradeBook>;
  /** By id; a settled one stays until the commit that says so. */
  readonly intents: Map<number, Intent>;
  /** By client order id, as long as the desk holds the order. */
  readonly traces: Map<string, Trace>;
  /** Wall time at which an approval was taken, until its order is accepted or has ended. Not stored. */
  readonly takenAt: Map<string, number>;
  /** By proposal id. */
  readonly proposed: Map<string, Proposed>;
  readonly gate: Gate;
  /** Symbols that rest after a failure that an immediate repetition would meet again. Not stored. */
  readonly resting: Set<number>;
  reconciled: Reconciled | null;
  /** Rows of history that the next commit inserts. */
  readonly appended: HistoryRow[];
  readonly memory: RowMemory;
}

export function newState(scope: ExecutorScope, memory: RowMemory): ExecutorState {
  const { run, instruments } = scope;
  return {
    scope,
    desk: emptyDesk(run, instruments),
    account: {
      sequence: 0,
      lastIntentId: 0,
      opened: false,
      balances: new Map(),
      market: 0,
      barTime: 0,
      epoch: 0,
      trading: null,
      unconfirmed: [],
    },
    trades: new Map(instruments.map(({ symbol }) => [symbol, { confirmed: 0, last: 0, booked: new Set() }])),
    intents: new Map(),
    traces: new Map(),
    takenAt: new Map(),
    proposed: new Map(),
    gate: { pumping: false, open: false },
    resting: new Set(),
    reconciled: null,
    appended: [],
    memory,
  };
}

/** The clock of guards on age: wall time when live, in a replay the latest time that the market's inputs carried. */
export function marketTime(state: ExecutorState, wallNow: number): number {
  return state.scope.mode === 'live' ? wallNow : state.account.market;
}

export function advanceMarket(state: ExecutorState, time: number): void {
  if (time > state.account.market) state.account.market = time;
}

/** The intent of a symbol that waits for its answer: one at a time. */
export function openIntentOf(state: ExecutorState, symbol: string): Intent | null {
  for (const intent of state.intents.values())
    if (intent.symbol === symbol && intent.state !== 'settled') return intent;
  return null;
}

/** States in which the venue holds an order, as far as is known. */
export function standsAtVenue(order: DeskOrder): boolean {
  return order.state === 'ACCEPTED' || order.state === 'PARTIALLY_FILLED' || order.state === 'CANCEL_PENDING';
}
