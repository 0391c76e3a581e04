import { randomUUID } from 'node:crypto';
import type { VenueOrderRequest, VenueOrderType } from '@fleet/domain/matching';
import { TIME_IN_FORCE } from '../exchange/order-view.ts';
import { BinanceError } from './binance-error.ts';
import { type ApiContext, instrumentOf } from './endpoint.ts';
import { ORDER_TYPES } from './exchange-info.ts';
import type { Parameters } from './parameters.ts';

export type ResponseType = 'ACK' | 'RESULT' | 'FULL';

/** A new order of the parameters, checked for form; whether the venue takes it, the venue says. */
export function orderRequest(parameters: Parameters, context: ApiContext): VenueOrderRequest {
  const { symbol } = instrumentOf(parameters, context);
  const side = sideOf(parameters);
  const type = typeOf(parameters);
  parameters.refuse('icebergQty', 'trailingDelta');
  if (type === 'MARKET' && parameters.optional('quoteOrderQty') !== undefined)
    throw new BinanceError('QUOTE_QUANTITY');
  return {
    clientOrderId: parameters.clientId('newClientOrderId') ?? newClientId(),
    symbol,
    side,
    type,
    quantity: parameters.amount('quantity'),
    ...pricesOf(parameters, type),
  };
}

/** ACK for types without an immediate fill, FULL for LIMIT and MARKET, unless the request says which. */
export function responseTypeOf(parameters: Parameters, type: VenueOrderType): ResponseType {
  const given = parameters.optional('newOrderRespType');
  if (given === undefined) return type === 'LIMIT' || type === 'MARKET' ? 'FULL' : 'ACK';
  if (given === 'ACK' || given === 'RESULT' || given === 'FULL') return given;
  throw new BinanceError('PARAMETER', 'newOrderRespType');
}

/** A client order id for what was sent without one. */
export function newClientId(): string {
  return randomUUID().replaceAll('-', '').slice(0, 22);
}

function sideOf(parameters: Parameters): 'buy' | 'sell' {
  const side = parameters.text('side');
  if (side === 'BUY') return 'buy';
  if (side === 'SELL') return 'sell';
  throw new BinanceError('SIDE');
}

function typeOf(parameters: Parameters): VenueOrderType {
  const given = parameters.text('type');
  const type = ORDER_TYPES.find((known) => known === given);
  if (type === undefined) throw new BinanceError('ORDER_TYPE');
  return type;
}

function pricesOf(parameters: Parameters, type: VenueOrderType) {
  switch (type) {
    case 'LIMIT':
      if (parameters.text('timeInForce') !== TIME_IN_FORCE) throw new BinanceError('TIME_IN_FORCE');
      parameters.refuse('stopPrice');
      return { price: parameters.amount('price'), stopPrice: null };
    case 'LIMIT_MAKER':
      parameters.refuse('stopPrice', 'timeInForce');
      return { price: parameters.amount('price'), stopPrice: null };
    case 'STOP_LOSS':
      parameters.refuse('price', 'timeInForce');
      return { price: null, stopPrice: parameters.amount('stopPrice') };
    case 'MARKET':
      parameters.refuse('price', 'stopPrice', 'timeInForce');
      return { price: null, stopPrice: null };
  }
}
