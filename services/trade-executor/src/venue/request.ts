import type { DeskOrder } from '@fleet/domain/execution';
import type { VenueRequest } from './port.ts';

/** When a request was made and how long the venue may take it, both wall time in ms. */
export interface Timing {
  readonly timestamp: number;
  readonly recvWindow: number;
}

export function placeRequest(order: DeskOrder, timing: Timing): VenueRequest {
  return { ...orderParameters(order), ...timing };
}

export function cancelRequest(order: DeskOrder, timing: Timing): VenueRequest {
  return { symbol: order.symbol, origClientOrderId: order.clientOrderId, ...timing };
}

/** The venue's own cancel-replace: when the cancel fails, nothing is placed. */
export function replaceRequest(canceled: DeskOrder, order: DeskOrder, timing: Timing): VenueRequest {
  return {
    ...orderParameters(order),
    cancelReplaceMode: 'STOP_ON_FAILURE',
    cancelOrigClientOrderId: canceled.clientOrderId,
    ...timing,
  };
}

function orderParameters(order: DeskOrder): VenueRequest {
  const common = {
    symbol: order.symbol,
    side: order.side === 'buy' ? 'BUY' : 'SELL',
    quantity: order.quantity,
    newClientOrderId: order.clientOrderId,
    newOrderRespType: 'RESULT',
  };
  switch (order.type) {
    case 'market':
      return { ...common, type: 'MARKET' };
    case 'limit':
      return { ...common, type: 'LIMIT', timeInForce: 'GTC', price: needed(order.limitPrice, order) };
    case 'stop':
      return { ...common, type: 'STOP_LOSS', stopPrice: needed(order.triggerPrice, order) };
  }
}

function needed(price: string | null, order: DeskOrder): string {
  if (price === null) throw new TypeError(`${order.type} order ${order.clientOrderId} has no price`);
  return price;
}

const RECV_WINDOW_MS_MAX = 2_000;

/**
 * Last fence before the wire: what goes out is what was approved. A MARKET order with a price or a quote amount would
 * be another order than the one that was signed.
 * @throws TypeError, in which case nothing is sent.
 */
export function assertSendable(request: VenueRequest): void {
  const { type, quantity, timestamp, recvWindow } = request;
  const faults: string[] = [];
  if ('quoteOrderQty' in request) faults.push('quoteOrderQty');
  if (type === 'MARKET' && ('price' in request || 'stopPrice' in request))
    faults.push('price of a MARKET order');
  if (type !== undefined && !(typeof quantity === 'string' && Number(quantity) > 0)) faults.push('quantity');
  if (type !== undefined && !request['newClientOrderId']) faults.push('newClientOrderId');
  if (typeof timestamp !== 'number') faults.push('timestamp');
  if (!(Number(recvWindow) > 0 && Number(recvWindow) <= RECV_WINDOW_MS_MAX)) faults.push('recvWindow');
  if (faults.length > 0) throw new TypeError(`the request must not be sent: ${faults.join(', ')}`);
}
