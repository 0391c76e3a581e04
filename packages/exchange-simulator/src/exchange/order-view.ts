import type { VenueOrder, VenueTrade } from '@fleet/domain/matching';
import { fixed } from './amounts.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The one duration on offer; the types that need none say it too, as Binance does. */
export const TIME_IN_FORCE = 'GTC';

/** An order as the order queries answer it. */
export function orderView(order: Readonly<VenueOrder>): Fields {
  const open = order.status === 'NEW' || order.status === 'PARTIALLY_FILLED';
  return {
    symbol: order.symbol,
    orderId: order.orderId,
    orderListId: -1,
    clientOrderId: order.clientOrderId,
    ...amountsOf(order),
    stopPrice: fixed(order.stopPrice ?? '0'),
    icebergQty: fixed('0'),
    time: order.createdAt,
    updateTime: order.updatedAt,
    isWorking: open && order.type !== 'STOP_LOSS',
    workingTime: order.createdAt,
    origQuoteOrderQty: fixed('0'),
    selfTradePreventionMode: 'NONE',
  };
}

/** A new order as the answer to placing it says it; MARKET has no fills yet: it fills in the next open step. */
export function placedView(order: Readonly<VenueOrder>, responseType: 'ACK' | 'RESULT' | 'FULL'): Fields {
  const acknowledged = {
    symbol: order.symbol,
    orderId: order.orderId,
    orderListId: -1,
    clientOrderId: order.clientOrderId,
    transactTime: order.createdAt,
  };
  if (responseType === 'ACK') return acknowledged;
  const result = {
    ...acknowledged,
    ...amountsOf(order),
    ...(order.stopPrice === null ? {} : { stopPrice: fixed(order.stopPrice) }),
    workingTime: order.createdAt,
    selfTradePreventionMode: 'NONE',
  };
  return responseType === 'RESULT' ? result : { ...result, fills: [] };
}

/** A canceled order as the answer to the cancel says it. */
export function canceledView(order: Readonly<VenueOrder>, cancelId: string): Fields {
  return {
    symbol: order.symbol,
    origClientOrderId: order.clientOrderId,
    orderId: order.orderId,
    orderListId: -1,
    clientOrderId: cancelId,
    transactTime: order.updatedAt,
    ...amountsOf(order),
    ...(order.stopPrice === null ? {} : { stopPrice: fixed(order.stopPrice) }),
    selfTradePreventionMode: 'NONE',
  };
}

/** A fill as `myTrades` answers it. */
export function tradeView(trade: VenueTrade): Fields {
  return {
    symbol: trade.symbol,
    id: trade.tradeId,
    orderId: trade.orderId,
    orderListId: -1,
    price: fixed(trade.price),
    qty: fixed(trade.quantity),
    quoteQty: fixed(trade.quoteQuantity),
    commission: fixed(trade.fee),
    commissionAsset: trade.feeAsset,
    time: trade.time,
    isBuyer: trade.side === 'buy',
    isMaker: trade.maker,
    isBestMatch: true,
  };
}

function amountsOf(order: Readonly<VenueOrder>): Fields {
  return {
    price: fixed(order.price ?? '0'),
    origQty: fixed(order.quantity),
    executedQty: fixed(order.executedQuantity),
    origQuoteOrderQty: fixed('0'),
    cummulativeQuoteQty: fixed(order.cumulativeQuote),
    status: order.status,
    timeInForce: TIME_IN_FORCE,
    type: order.type,
    side: order.side.toUpperCase(),
  };
}
