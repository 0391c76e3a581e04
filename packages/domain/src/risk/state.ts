import { type Bar, type BarLimits, createReturnHistory, type ReturnHistory } from '../bars/index.ts';
import type { TradingState } from '../events/orchestration.ts';
import type { Instrument } from '../instruments/index.ts';
import { type Decimal, ZERO } from '../money/index.ts';
import type { OrderPurpose } from '../orders/index.ts';
import type { RiskCodeName } from './codes.ts';
import type { RiskLimits } from './limits.ts';

/** What an approval holds back until its order has filled or ended. */
export interface Reservation {
  readonly proposalId: string;
  readonly index: number;
  readonly side: 'buy' | 'sell';
  readonly purpose: OrderPurpose;
  readonly referencePrice: Decimal;
  /** Base units approved and not yet filled. */
  remaining: Decimal;
  /** Quote held back for one base unit of a buy: reference × (1 + collar) × (1 + fee). */
  readonly quotePerUnit: Decimal;
  /** Loss to the stop for one base unit, quote. */
  readonly lossPerUnit: number;
}

/** A held position as its stop sees it. */
export interface HeldRisk {
  /** Trigger of the standing stop as risk derives it from the entry fills; null where none was signed. */
  stop: number | null;
}

/** What was answered, so that the same question gets the same answer. */
export interface EarlierDecision {
  readonly proposalId: string;
  /** Hash of the proposal's canonical payload. */
  readonly payloadHash: string;
  /** Market time of the proposal. */
  readonly decidedAt: number;
  readonly verdict: Verdict;
}

export type Figures = Readonly<Record<string, string | number | null>>;

export type Verdict =
  | {
      readonly kind: 'approved';
      readonly quantity: string;
      readonly shrunkBy: RiskCodeName | null;
      readonly figures: Figures;
    }
  | { readonly kind: 'denied'; readonly code: RiskCodeName; readonly figures: Figures };

/** The newest bar of a symbol and the history that the next one is judged against. */
export interface RiskMarket {
  previous: Bar | null;
  history: ReturnHistory;
}

export interface RiskSetup {
  readonly limits: RiskLimits;
  readonly instruments: readonly Instrument[];
  readonly intervalMs: number;
  /** The day's loss, in percent of its opening equity, past which nothing raises exposure. */
  readonly lossCapPct: number;
}

/** What the risk manager holds in memory; by symbol in configured order. */
export interface RiskState {
  readonly limits: RiskLimits;
  readonly barLimits: BarLimits;
  readonly lossCapPct: number;
  readonly instruments: readonly Instrument[];
  readonly quote: string;
  readonly indexOf: ReadonlyMap<string, number>;
  readonly balances: Map<string, Decimal>;
  readonly reservations: Map<string, Reservation>;
  /** Newest decisions by proposal, at most DECISIONS_MAX. */
  readonly decisions: Map<string, EarlierDecision>;
  /** Newest market time of a decision that is no longer kept; -1 while all are. */
  forgottenUntil: number;
  readonly held: HeldRisk[];
  cash: number;
  readonly quantities: Float64Array;
  readonly closes: Float64Array;
  /** Close time of each symbol's newest bar; -1 before the first. */
  readonly closeTimes: Float64Array;
  /** Open time of each symbol's newest bar; -1 before the first. */
  readonly barTimes: Float64Array;
  readonly market: RiskMarket[];
  /** Set while the newest bar of the symbol does not pass the checks of reasonability: why. */
  readonly implausible: (string | null)[];
  /** Symbols on which nothing is approved, and why. */
  readonly frozen: Map<string, string>;
  trading: TradingState | null;
  day: { readonly day: string; readonly openingEquityMark: number; netDeposits: number } | null;
  /** Day whose target was reached under a policy that takes no new risk. */
  targetLockedDay: string | null;
  /** Last `exec.status` sequence that is applied. */
  ledgerVersion: number;
}

/** Older decisions live in the store alone: a proposal as old as those is refused, since it may be one of them. */
export const DECISIONS_MAX = 10_000;

/** A risk state that knows nothing yet: every check refuses. */
export function emptyRiskState({ limits, instruments, intervalMs, lossCapPct }: RiskSetup): RiskState {
  const size = instruments.length;
  return {
    limits,
    barLimits: { intervalMs, ...limits.bars },
    lossCapPct,
    instruments,
    quote: instruments[0]?.quote ?? '',
    indexOf: new Map(instruments.map((instrument, index) => [instrument.symbol, index])),
    balances: new Map(),
    reservations: new Map(),
    decisions: new Map(),
    forgottenUntil: -1,
    held: instruments.map(() => ({ stop: null })),
    cash: Number.NaN,
    quantities: new Float64Array(size),
    closes: new Float64Array(size),
    closeTimes: new Float64Array(size).fill(-1),
    barTimes: new Float64Array(size).fill(-1),
    market: instruments.map(() => ({
      previous: null,
      history: createReturnHistory(limits.bars.historyBars),
    })),
    implausible: instruments.map(() => null),
    frozen: new Map(),
    trading: null,
    day: null,
    targetLockedDay: null,
    ledgerVersion: 0,
  };
}

/** Sets one asset's balance and the numbers that mirror it. */
export function setRiskBalance(state: RiskState, asset: string, amount: Decimal): void {
  state.balances.set(asset, amount);
  if (asset === state.quote) state.cash = amount.toNumber();
  for (const [index, instrument] of state.instruments.entries()) {
    if (instrument.base === asset) state.quantities[index] = amount.toNumber();
  }
}

export function riskBalance(state: RiskState, asset: string): Decimal {
  return state.balances.get(asset) ?? ZERO;
}
