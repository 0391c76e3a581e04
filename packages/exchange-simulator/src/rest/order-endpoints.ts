import { createSimulatedVenue } from '@fleet/domain/matching';
import type { CancelTarget } from '../exchange/command.ts';
import type { Result } from '../exchange/exchange.ts';
import { canceledView, placedView } from '../exchange/order-view.ts';
import { BinanceError, refused } from './binance-error.ts';
import { type ApiContext, instrumentOf } from './endpoint.ts';
import { newClientId, orderRequest, responseTypeOf } from './order-request.ts';
import type { Parameters } from './parameters.ts';

export function placeOrder(parameters: Parameters, context: ApiContext): unknown {
  const request = orderRequest(parameters, context);
  const responseType = responseTypeOf(parameters, request.type);
  const { placed } = context.simulation.submit({ kind: 'place', request });
  if (placed === null) throw new BinanceError('UNKNOWN');
  return placedView(accepted(placed), responseType);
}

/** Judges an order on a copy of the venue: the same refusals, and no trace of it. */
export function testOrder(parameters: Parameters, { simulation, ...rest }: ApiContext): unknown {
  const request = orderRequest(parameters, { simulation, ...rest });
  const { exchange } = simulation;
  if (exchange.marketClosed) throw new BinanceError('MARKET_CLOSED');
  const copy = createSimulatedVenue(exchange.rules, exchange.venue.snapshot());
  accepted(copy.place(request, exchange.marketTime));
  return {};
}

export function cancelOrder(parameters: Parameters, context: ApiContext): unknown {
  const { symbol } = instrumentOf(parameters, context);
  const target = cancelTarget(parameters, context, symbol, {
    orderId: 'orderId',
    clientOrderId: 'origClientOrderId',
    cancelId: 'newClientOrderId',
  });
  const [result] = context.simulation.submit({ kind: 'cancel', targets: [target] }).canceled;
  if (result === undefined) throw new BinanceError('UNKNOWN');
  return canceledView(accepted(result), target.cancelId);
}

/** Cancels every open order of a symbol; none is an error, as at Binance. */
export function cancelOpenOrders(parameters: Parameters, context: ApiContext): unknown {
  const { symbol } = instrumentOf(parameters, context);
  const { simulation } = context;
  const targets = simulation.exchange.venue
    .openOrders(symbol)
    .map(({ clientOrderId }): CancelTarget => ({ symbol, clientOrderId, cancelId: newClientId() }));
  if (targets.length === 0) throw new BinanceError('UNKNOWN_ORDER');
  const { canceled } = simulation.submit({ kind: 'cancel', targets });
  return canceled.map((result, at) => canceledView(accepted(result), targets[at]?.cancelId ?? ''));
}

/** The order that a cancel names, by order id or by client order id; both must agree where both are given. */
export function cancelTarget(
  parameters: Parameters,
  { simulation }: ApiContext,
  symbol: string,
  names: { readonly orderId: string; readonly clientOrderId: string; readonly cancelId: string },
): CancelTarget {
  const orderId = parameters.optionalInteger(names.orderId);
  const given = parameters.clientId(names.clientOrderId);
  if (orderId === undefined && given === undefined)
    throw new BinanceError('EITHER_MANDATORY', `'${names.clientOrderId}' or '${names.orderId}'`);
  const named = orderId === undefined ? undefined : openClientId(simulation.exchange.venue, symbol, orderId);
  const agree = orderId === undefined || (named !== undefined && (given ?? named) === named);
  // An id that no open order has: the venue answers "Unknown order sent." for it.
  const clientOrderId = agree ? (given ?? named ?? '') : '';
  return { symbol, clientOrderId, cancelId: parameters.clientId(names.cancelId) ?? newClientId() };
}

function openClientId(
  venue: ApiContext['simulation']['exchange']['venue'],
  symbol: string,
  orderId: number,
): string | undefined {
  return venue.openOrders(symbol).find((order) => order.orderId === orderId)?.clientOrderId;
}

function accepted(result: Result) {
  if ('refusal' in result) throw refused(result.refusal);
  return result.order;
}
