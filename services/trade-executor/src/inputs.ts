import type { ManualRequest } from './manual/decide.ts';
import type { Reconcile } from './reconciliation/decide.ts';
import type { NamedOrder } from './reports/book-order.ts';
import type { NamedTrade } from './reports/book-trade.ts';
import type { Truth } from './reports/truth.ts';
import type { Answered } from './sending/answer.ts';
import type { RefusedToSend } from './sending/refuse.ts';
import type { Resolved } from './sending/resolve.ts';

/** What is decided on beside the streams, by input type. */
export interface LocalInputs {
  /** A message of the user data stream. */
  readonly 'venue.order': NamedOrder;
  readonly 'venue.trade': NamedTrade & { readonly executed: string };
  readonly 'venue.cash': {
    readonly asset: string;
    readonly amount: string;
    readonly time: number;
    readonly id: string;
  };
  /** A page of a symbol's trades over REST: every trade up to `confirmed` is in it or was booked before. */
  readonly 'venue.trades': {
    readonly symbol: string;
    readonly trades: readonly NamedTrade[];
    readonly confirmed: number;
  };
  /** What queries say of one order. */
  readonly 'venue.truth': Truth;
  readonly 'request.answered': Answered;
  readonly 'request.refused': RefusedToSend;
  /** The commit took so long that the request's own time had run out: nothing was sent. */
  readonly 'request.late': { readonly intent: number };
  readonly 'request.resolved': Resolved;
  /** Steps of the recovery. */
  readonly 'recovery.lost': Readonly<Record<string, never>>;
  readonly 'recovery.booked': Readonly<Record<string, never>>;
  readonly 'recovery.done': { readonly clean: boolean };
  readonly 'venue.reconciled': Reconcile;
  readonly 'symbol.resumed': { readonly index: number };
  readonly 'states.confirm': Readonly<Record<string, never>>;
  readonly 'cancel-all.asked': { readonly cancelStops: boolean; readonly requestedBy: string };
  readonly 'manual.asked': ManualRequest;
}
export type LocalType = keyof LocalInputs;
