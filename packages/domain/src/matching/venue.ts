import type { Instrument } from '../instruments/index.ts';

/** The simulated venue's rules. Rates are fractions (0.001 is 0.1 %), slippage in basis points. */
export interface VenueRules {
  readonly instruments: readonly Instrument[];
  readonly makerFeeRate: string;
  readonly takerFeeRate: string;
  /** Added against us to each market and stop fill. */
  readonly slippageBps: number;
  /** A market buy locks quantity × last price × (1 + collar) × (1 + taker fee). */
  readonly collar: string;
}

export type VenueOrderType = 'MARKET' | 'LIMIT' | 'LIMIT_MAKER' | 'STOP_LOSS';
export type VenueOrderStatus = 'NEW' | 'PARTIALLY_FILLED' | 'FILLED' | 'CANCELED' | 'EXPIRED';

export interface VenueOrderRequest {
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly side: 'buy' | 'sell';
  readonly type: VenueOrderType;
  /** Base units, decimal text. */
  readonly quantity: string;
  /** Limit price; null for MARKET and STOP_LOSS. */
  readonly price: string | null;
  /** Trigger price of a STOP_LOSS, else null. */
  readonly stopPrice: string | null;
}

/** Why the venue refuses, by the meaning of Binance's codes. */
export type VenueRefusal =
  | 'DUPLICATE_ORDER'
  | 'INSUFFICIENT_BALANCE'
  | 'FILTER_PRICE'
  | 'FILTER_LOT_SIZE'
  | 'FILTER_NOTIONAL'
  | 'STOP_WOULD_TRIGGER'
  | 'WOULD_MATCH_IMMEDIATELY'
  | 'UNKNOWN_SYMBOL'
  | 'UNKNOWN_ORDER'
  | 'NO_PRICE'
  | 'MARKET_CLOSED';

/** An order as the venue keeps it; plain JSON, so that a journal can hold it. */
export interface VenueOrder extends VenueOrderRequest {
  readonly orderId: number;
  status: VenueOrderStatus;
  executedQuantity: string;
  /** Quote spent or received so far, before fees. */
  cumulativeQuote: string;
  /** What still stands locked for it: quote for a buy, base for a sell. */
  locked: string;
  readonly createdAt: number;
  updatedAt: number;
  /** False until the first open step or close that it has seen: a limit that crosses at that open is a taker. */
  rested: boolean;
}

export interface VenueTrade {
  readonly tradeId: number;
  readonly orderId: number;
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly side: 'buy' | 'sell';
  readonly price: string;
  readonly quantity: string;
  readonly quoteQuantity: string;
  readonly fee: string;
  readonly feeAsset: string;
  readonly maker: boolean;
  /** Venue time, epoch ms. */
  readonly time: number;
}

/** What a matching step did, in order: a trade with the order's state after it, or an order that ended. */
export type VenueEvent =
  | { readonly kind: 'trade'; readonly trade: VenueTrade; readonly order: Readonly<VenueOrder> }
  | { readonly kind: 'ended'; readonly order: Readonly<VenueOrder> };

export interface VenueBalance {
  free: string;
  locked: string;
}

/** One symbol's bar for a matching step: prices in quote units. */
export interface MatchingBar {
  readonly symbol: string;
  readonly openTime: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

/** Everything the venue keeps of one account; plain JSON. */
export interface VenueSnapshot {
  readonly balances: Readonly<Record<string, VenueBalance>>;
  readonly openOrders: readonly VenueOrder[];
  readonly lastPrices: Readonly<Record<string, number>>;
  readonly nextOrderId: number;
  readonly nextTradeIds: Readonly<Record<string, number>>;
}

/**
 * The simulated venue's account and book. Throws nothing for a refused order: the refusal is a value.
 * Times are the venue's market time (epoch ms).
 */
export interface SimulatedVenue {
  place(
    request: VenueOrderRequest,
    time: number,
  ): { order: Readonly<VenueOrder> } | { refusal: VenueRefusal };
  cancel(
    symbol: string,
    clientOrderId: string,
    time: number,
  ): { order: Readonly<VenueOrder> } | { refusal: VenueRefusal };
  /**
   * Cancel one order and place another as one step, mode STOP_ON_FAILURE: when the cancel fails, nothing is placed
   * (`cancel` holds the refusal, `place` null). When the cancel succeeds and the new order is refused, the old one
   * stays canceled, as at Binance.
   */
  cancelReplace(
    cancelClientOrderId: string,
    request: VenueOrderRequest,
    time: number,
  ): {
    readonly cancel: { order: Readonly<VenueOrder> } | { refusal: VenueRefusal };
    readonly place: { order: Readonly<VenueOrder> } | { refusal: VenueRefusal } | null;
  };
  /**
   * Step 1: resting market orders and gapped stops fill at the open, which becomes the last price. Bars in configured
   * order; a symbol without a bar matches nothing. Sells of all symbols come before buys. Skipping this step or step 2
   * where `couldMatch…` is false changes nothing that follows the bar's close.
   */
  open(bars: readonly MatchingBar[]): VenueEvent[];
  /** Step 2: stops and limits inside the bar, stops first; at openTime + intervalMs / 2. */
  path(bars: readonly MatchingBar[], intervalMs: number): VenueEvent[];
  /** Step 3: the close becomes the last price. */
  close(bars: readonly MatchingBar[]): void;
  /** True when step 1 or 2 could match something, so that a step can be skipped. */
  couldMatchOpen(bars: readonly MatchingBar[]): boolean;
  couldMatchPath(bars: readonly MatchingBar[]): boolean;
  /** A deposit (above zero) or withdrawal of free money, in units of the asset. */
  transfer(asset: string, amount: string): { free: string } | { refusal: VenueRefusal };
  /** Ends every open order as EXPIRED; the market is over and takes no order any more. A snapshot does not keep that. */
  expireAll(time: number): VenueEvent[];
  /** Last price in quote units: the close, or inside a bar its open; null before the first bar. */
  lastPrice(symbol: string): number | null;
  /** By order id; the orders are the venue's own and change with it. */
  openOrders(symbol?: string): readonly Readonly<VenueOrder>[];
  openOrder(symbol: string, clientOrderId: string): Readonly<VenueOrder> | null;
  balances(): Readonly<Record<string, Readonly<VenueBalance>>>;
  snapshot(): VenueSnapshot;
}
