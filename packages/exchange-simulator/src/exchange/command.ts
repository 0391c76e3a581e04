import type { VenueOrderRequest } from '@fleet/domain/matching';

/** Steps of a bar set, and the end of the market. */
export type Step = 'open' | 'path' | 'close' | 'end';

export interface CancelTarget {
  readonly symbol: string;
  /** Client order id of the order. */
  readonly clientOrderId: string;
  /** Client order id that the cancel itself gets. */
  readonly cancelId: string;
}

/**
 * Everything that changes an account. Commands are what the journal holds: applied in order to the same start they
 * give the same state, ids and numbers.
 */
export type Command =
  | { readonly kind: 'place'; readonly request: VenueOrderRequest }
  | { readonly kind: 'cancel'; readonly targets: readonly CancelTarget[] }
  | {
      readonly kind: 'replace';
      readonly target: CancelTarget;
      readonly request: VenueOrderRequest;
      /** ALLOW_FAILURE: the new order is placed even when the cancel fails. */
      readonly allowFailure: boolean;
    }
  /** A deposit, or below zero a withdrawal, in units of the asset. */
  | { readonly kind: 'transfer'; readonly asset: string; readonly amount: string }
  | { readonly kind: 'step'; readonly step: Step; readonly openTime: number };

export type OrderCommand = Exclude<Command, { kind: 'step' }>;
