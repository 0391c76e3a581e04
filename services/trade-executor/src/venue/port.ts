/** The venue in the executor's own words. Amounts are decimal texts, times the venue's market time in epoch ms. */

export type VenueOrderStatus = 'open' | 'filled' | 'canceled' | 'expired' | 'rejected';

/** The venue's word on one order. */
export interface OrderFact {
  readonly symbol: string;
  readonly clientOrderId: string;
  readonly venueOrderId: string;
  readonly side: 'buy' | 'sell';
  /** The venue's own name of the type. */
  readonly type: string;
  readonly status: VenueOrderStatus;
  readonly quantity: string;
  readonly executed: string;
  readonly time: number;
}

/** One trade of the account. `clientOrderId` is null where the venue does not say it (REST). */
export interface TradeFact {
  readonly symbol: string;
  readonly tradeId: number;
  readonly venueOrderId: string;
  readonly clientOrderId: string | null;
  readonly side: 'buy' | 'sell';
  readonly price: string;
  readonly quantity: string;
  readonly quoteQuantity: string;
  readonly fee: string;
  readonly feeAsset: string;
  readonly maker: boolean;
  readonly time: number;
}

/** What the user data stream says. */
export type VenueReport =
  | { readonly kind: 'order'; readonly fact: OrderFact; readonly executionId: string }
  /** `executed` is what the order has filled with this trade, so that a lost message shows. */
  | {
      readonly kind: 'trade';
      readonly fact: TradeFact & { clientOrderId: string };
      readonly executed: string;
    }
  | { readonly kind: 'cash'; readonly asset: string; readonly amount: string; readonly time: number };

/** Parameters of one request, exactly as they go out; `timestamp` and `recvWindow` included. */
export type VenueRequest = Readonly<Record<string, string | number>>;

/** What a request came to, as far as the answer proves it. */
export type Answer =
  /** The request was done: the order that stands (or has ended) now; of a replace, also the one that went. */
  | { readonly kind: 'done'; readonly order: OrderFact; readonly canceled: OrderFact | null }
  /** Nothing was done, and the same request would be refused again. */
  | { readonly kind: 'rejected'; readonly code: string; readonly reason: string }
  /** Nothing was done because of the moment (time window, rate limit): it may be sent again under a new timestamp. */
  | { readonly kind: 'untimely'; readonly code: string; readonly reason: string }
  /** Replace: the old order could not be canceled, so the new one was not tried. */
  | { readonly kind: 'cancel-failed'; readonly code: string; readonly reason: string }
  /** Replace: the old order is gone and the new one was refused. */
  | {
      readonly kind: 'place-failed';
      readonly canceled: OrderFact;
      readonly code: string;
      readonly reason: string;
      /** It was the moment that was refused, not the order. */
      readonly untimely: boolean;
    }
  /** Nothing is proven. */
  | { readonly kind: 'ambiguous'; readonly reason: string };

export interface Balances {
  readonly balances: Readonly<Record<string, { readonly free: string; readonly locked: string }>>;
  readonly time: number;
}

export interface LastBar {
  readonly openTime: number;
  readonly close: string;
}

/** A subscription to the user data that was confirmed. */
export interface Following {
  /** Never resolves; rejects when the connection is lost. */
  readonly ended: Promise<never>;
  stop(): void;
}

/**
 * Where orders go. The three requests never reject: what an answer proves is in the value. Queries reject with an
 * error of `errors.ts`.
 */
export interface ExecutionVenue {
  readonly name: string;
  place(request: VenueRequest): Promise<Answer>;
  cancel(request: VenueRequest): Promise<Answer>;
  replace(request: VenueRequest): Promise<Answer>;
  /** By client order id or venue order id; null when the venue says that it has none. */
  order(
    symbol: string,
    by: { readonly clientOrderId: string } | { readonly venueOrderId: string },
  ): Promise<OrderFact | null>;
  openOrders(symbol: string): Promise<readonly OrderFact[]>;
  /** Ascending from `fromId`, at most TRADES_MAX. */
  trades(symbol: string, fromId: number): Promise<readonly TradeFact[]>;
  tradesOfOrder(symbol: string, venueOrderId: string): Promise<readonly TradeFact[]>;
  /** Id of the newest trade of the account, 0 without any. */
  newestTradeId(symbol: string): Promise<number>;
  balances(): Promise<Balances>;
  /** The last closed bar. */
  lastBar(symbol: string): Promise<LastBar | null>;
  /** Milliseconds by which the venue's wall clock is ahead of ours. */
  clockAhead(): Promise<number>;
  /** Resolves when the subscription is confirmed; from then on everything comes to `onReport`, in order. */
  follow(onReport: (report: VenueReport) => void): Promise<Following>;
  close(): Promise<void>;
}

/** Most trades in one answer: the venue's own bound. */
export const TRADES_MAX = 1_000;
