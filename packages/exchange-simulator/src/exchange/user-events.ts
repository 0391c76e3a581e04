import type { VenueBalance, VenueOrder, VenueTrade } from '@fleet/domain/matching';
import { fixed } from './amounts.ts';
import { TIME_IN_FORCE } from './order-view.ts';

/** One message of the user data stream, as Binance writes it. */
export type UserEvent = Readonly<Record<string, unknown>> & { readonly e: string };

export type ExecutionType = 'NEW' | 'TRADE' | 'CANCELED' | 'EXPIRED';

export interface Execution {
  readonly type: ExecutionType;
  /** State of the order after it. */
  readonly order: Readonly<VenueOrder>;
  readonly trade: VenueTrade | null;
  /** Client order id of the cancel, for CANCELED. */
  readonly cancelId: string | null;
  readonly time: number;
  readonly executionId: number;
}

/** `executionReport` with all fields that Binance sends for a plain order. Times are market time. */
export function executionReport(execution: Execution): UserEvent {
  const { order, trade, type, time } = execution;
  const canceled = type === 'CANCELED';
  const resting = order.status === 'NEW' && (order.type === 'LIMIT' || order.type === 'LIMIT_MAKER');
  return {
    e: 'executionReport',
    E: time,
    s: order.symbol,
    c: canceled ? execution.cancelId : order.clientOrderId,
    S: order.side.toUpperCase(),
    o: order.type,
    f: TIME_IN_FORCE,
    q: fixed(order.quantity),
    p: fixed(order.price ?? '0'),
    P: fixed(order.stopPrice ?? '0'),
    F: fixed('0'),
    g: -1,
    C: canceled ? order.clientOrderId : '',
    x: type,
    X: order.status,
    r: 'NONE',
    i: order.orderId,
    l: fixed(trade?.quantity ?? '0'),
    z: fixed(order.executedQuantity),
    L: fixed(trade?.price ?? '0'),
    n: trade === null ? '0' : fixed(trade.fee),
    N: trade?.feeAsset ?? null,
    T: time,
    t: trade?.tradeId ?? -1,
    I: execution.executionId,
    w: resting,
    m: trade?.maker ?? false,
    M: trade !== null,
    O: order.createdAt,
    Z: fixed(order.cumulativeQuote),
    Y: fixed(trade?.quoteQuantity ?? '0'),
    Q: fixed('0'),
    W: order.createdAt,
    V: 'NONE',
  };
}

/** `outboundAccountPosition`: the balances that may have changed. */
export function accountPosition(
  assets: readonly string[],
  balances: Readonly<Record<string, Readonly<VenueBalance>>>,
  time: number,
): UserEvent {
  return {
    e: 'outboundAccountPosition',
    E: time,
    u: time,
    B: assets.map((asset) => ({
      a: asset,
      f: fixed(balances[asset]?.free ?? '0'),
      l: fixed(balances[asset]?.locked ?? '0'),
    })),
  };
}

/** `balanceUpdate`: a deposit or withdrawal of `delta`, in units of the asset. */
export function balanceUpdate(asset: string, delta: string, time: number): UserEvent {
  return { e: 'balanceUpdate', E: time, a: asset, d: fixed(delta), T: time };
}
