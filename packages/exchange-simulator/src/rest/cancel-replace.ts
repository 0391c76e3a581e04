import type { Outcome, Result } from '../exchange/exchange.ts';
import { canceledView, placedView } from '../exchange/order-view.ts';
import { BinanceError, refused } from './binance-error.ts';
import { type ApiContext, instrumentOf } from './endpoint.ts';
import { cancelTarget } from './order-endpoints.ts';
import { orderRequest, responseTypeOf } from './order-request.ts';
import type { Parameters } from './parameters.ts';

/**
 * `order/cancelReplace`. Both done: 200. Neither: 400 with -2022. One of them: 409 with -2021; the caller finds out
 * which from `data`. A cancel that succeeded is not undone by the refusal of the new order.
 */
export function cancelReplace(parameters: Parameters, context: ApiContext): unknown {
  const { symbol } = instrumentOf(parameters, context);
  const allowFailure = modeOf(parameters) === 'ALLOW_FAILURE';
  const request = orderRequest(parameters, context);
  const responseType = responseTypeOf(parameters, request.type);
  const target = cancelTarget(parameters, context, symbol, {
    orderId: 'cancelOrderId',
    clientOrderId: 'cancelOrigClientOrderId',
    cancelId: 'cancelNewClientOrderId',
  });
  const outcome = context.simulation.submit({ kind: 'replace', target, request, allowFailure });
  return answer(outcome, target.cancelId, (result) => placedView(result, responseType));
}

function answer(
  { canceled, placed }: Outcome,
  cancelId: string,
  view: (order: Extract<Result, { order: unknown }>['order']) => unknown,
): unknown {
  const [cancel] = canceled;
  if (cancel === undefined) throw new BinanceError('UNKNOWN');
  const data = {
    cancelResult: 'order' in cancel ? 'SUCCESS' : 'FAILURE',
    newOrderResult: placed === null ? 'NOT_ATTEMPTED' : 'order' in placed ? 'SUCCESS' : 'FAILURE',
    cancelResponse: 'order' in cancel ? canceledView(cancel.order, cancelId) : errorBody(cancel),
    newOrderResponse: placed === null ? null : 'order' in placed ? view(placed.order) : errorBody(placed),
  };
  const done = [cancel, placed].filter((result) => result !== null && 'order' in result).length;
  if (done === 2) return data;
  throw new BinanceError(done === 1 ? 'REPLACE_PARTLY_FAILED' : 'REPLACE_FAILED', '', data);
}

function errorBody(result: Extract<Result, { refusal: unknown }>): unknown {
  return refused(result.refusal).body();
}

function modeOf(parameters: Parameters): 'STOP_ON_FAILURE' | 'ALLOW_FAILURE' {
  const mode = parameters.text('cancelReplaceMode');
  if (mode === 'STOP_ON_FAILURE' || mode === 'ALLOW_FAILURE') return mode;
  throw new BinanceError('PARAMETER', 'cancelReplaceMode');
}
