import type { Instrument } from '../instruments/index.ts';
import { type Decimal, ZERO } from '../money/index.ts';
import type { OrderPurpose, OrderState } from '../orders/index.ts';
import { type Protection, UNPROTECTED } from './protection.ts';

/** One order as the executor follows it. Decimal texts on what was approved, decimals on what accrues. */
export interface DeskOrder {
  readonly proposalId: string;
  readonly clientOrderId: string;
  readonly cycleId: string;
  readonly symbol: string;
  readonly side: 'buy' | 'sell';
  readonly type: 'market' | 'limit' | 'stop';
  readonly purpose: OrderPurpose;
  readonly sequence: number;
  readonly quantity: string;
  readonly limitPrice: string | null;
  readonly triggerPrice: string | null;
  readonly stopDistance: string | null;
  readonly referencePrice: string | null;
  readonly flattenId: string | null;
  readonly stateEpoch: number;
  /** Market time after which the approval is void; null for stops and emergency sells, which the entry's approval covers. */
  readonly expiresAt: number | null;
  readonly reason: string;
  state: OrderState;
  filled: Decimal;
  venueOrderId: string | null;
}

/** What goes to the venue, one at a time per symbol. */
export type VenueCommand =
  | { readonly kind: 'place'; readonly order: DeskOrder }
  | { readonly kind: 'cancel'; readonly order: DeskOrder }
  | { readonly kind: 'replace'; readonly cancel: DeskOrder; readonly order: DeskOrder };

/** One symbol's side of the desk. */
export interface SymbolDesk {
  readonly index: number;
  readonly instrument: Instrument;
  held: Decimal;
  protection: Protection;
  /** The stop that stands at the venue, or null. */
  stop: DeskOrder | null;
  /** Counts stops and emergency sells: part of their ids. */
  ownSequence: number;
  /** Cycle of the newest entry fill: the cycle in the ids of its stops. */
  entryCycleId: string;
  /** The stop was refused: what it would have covered is sold at market. */
  emergency: boolean;
  /** Stop and market sell were both refused, or the market is closed: nothing is tried until something changes or a person asks. */
  unprotectable: boolean;
  /** Approved and waiting for their turn, in order. */
  readonly waiting: DeskOrder[];
  readonly cancels: DeskOrder[];
  /** Command whose answer is awaited. */
  busy: VenueCommand | null;
}

/** What the executor holds in memory: orders that have not ended and one desk per symbol. */
export interface DeskState {
  readonly run: string;
  readonly quote: string;
  readonly symbols: readonly SymbolDesk[];
  readonly indexOf: ReadonlyMap<string, number>;
  /** By client order id: everything not terminal, and the newest terminal ones for late fills. */
  readonly orders: Map<string, DeskOrder>;
}

export function emptyDesk(run: string, instruments: readonly Instrument[]): DeskState {
  return {
    run,
    quote: instruments[0]?.quote ?? '',
    symbols: instruments.map((instrument, index) => ({
      index,
      instrument,
      held: ZERO,
      protection: UNPROTECTED,
      stop: null,
      ownSequence: 0,
      entryCycleId: '',
      emergency: false,
      unprotectable: false,
      waiting: [],
      cancels: [],
      busy: null,
    })),
    indexOf: new Map(instruments.map((instrument, index) => [instrument.symbol, index])),
    orders: new Map(),
  };
}
