import type { Instrument } from '../instruments/index.ts';
import type { Decimal } from '../money/index.ts';
import type { OrderPurpose } from '../orders/index.ts';
import type { RiskCodeName } from './codes.ts';
import type { Figures, RiskState } from './state.ts';

/** A proposal as the gate judges it. Decimal texts; times epoch ms of market time. */
export interface Proposal {
  readonly proposalId: string;
  readonly symbol: string;
  readonly side: 'buy' | 'sell';
  readonly type: 'market' | 'limit' | 'stop';
  readonly quantity: string;
  readonly limitPrice: string | null;
  readonly referencePrice: string;
  readonly stopDistance: string | null;
  readonly purpose: OrderPurpose;
  readonly flattenId: string | null;
  readonly confidence: number;
  readonly barTime: number;
  readonly day: string;
  readonly decidedAt: number;
  readonly validForMs: number;
}

/** The clocks and calendar that a check may use; never the machine's own. */
export interface GateContext {
  /** Market time, epoch ms: wall time when live, the newest bar's close in replay. */
  readonly market: number;
  /** True when what the proposal names did not arrive in time. */
  readonly joinExpired: boolean;
  /** Local weekday (0 is Sunday), date and minutes since midnight of a market time in the trading day's time zone. */
  readonly localTime: (time: number) => { weekday: number; date: string; minutes: number };
}

/** One order in front of one check: quantities may have been shrunk by an earlier one. */
export interface CheckInput {
  readonly state: RiskState;
  readonly proposal: Proposal;
  readonly context: GateContext;
  readonly index: number;
  readonly instrument: Instrument;
  readonly quantity: Decimal;
  readonly price: Decimal;
  /** True when the order raises the absolute position. */
  readonly raises: boolean;
}

/** Denies, or says how much would pass (base units, before rounding to the lot), or null: passes. */
export interface Finding {
  readonly code: RiskCodeName;
  readonly figures: Figures;
  /** What of the quantity the limit would leave; absent when nothing smaller helps. */
  readonly room?: Decimal;
}

export type Check = (input: CheckInput) => Finding | null;

/** A refusal for an input that is not there. */
export function missing(code: RiskCodeName, what: string): Finding {
  return { code, figures: { missing: what } };
}
