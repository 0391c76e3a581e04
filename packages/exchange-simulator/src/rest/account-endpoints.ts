import { decimal } from '@fleet/domain/money';
import { fixed } from '../exchange/amounts.ts';
import { orderView, tradeView } from '../exchange/order-view.ts';
import { BinanceError } from './binance-error.ts';
import { type ApiContext, instrumentOf } from './endpoint.ts';
import type { Parameters } from './parameters.ts';

const DAY_MS = 86_400_000;
const ROWS_DEFAULT = 500;
const ROWS_MAX = 1_000;

export function account(parameters: Parameters, { simulation }: ApiContext): unknown {
  const { exchange } = simulation;
  const { makerFeeRate, takerFeeRate } = exchange.rules;
  const omitZero = parameters.optional('omitZeroBalances') === 'true';
  const balances = Object.entries(exchange.venue.balances())
    .map(([asset, { free, locked }]) => ({ asset, free: fixed(free), locked: fixed(locked) }))
    .filter(({ free, locked }) => !omitZero || Number(free) > 0 || Number(locked) > 0);
  return {
    makerCommission: basisPoints(makerFeeRate),
    takerCommission: basisPoints(takerFeeRate),
    buyerCommission: 0,
    sellerCommission: 0,
    commissionRates: {
      maker: fixed(makerFeeRate),
      taker: fixed(takerFeeRate),
      buyer: fixed('0'),
      seller: fixed('0'),
    },
    canTrade: true,
    canWithdraw: false,
    canDeposit: false,
    brokered: false,
    requireSelfTradePrevention: false,
    preventSor: false,
    updateTime: exchange.marketTime,
    accountType: 'SPOT',
    balances,
    permissions: ['SPOT'],
    uid: 1,
  };
}

export function queryOrder(parameters: Parameters, context: ApiContext): unknown {
  const { symbol } = instrumentOf(parameters, context);
  const orderId = parameters.optionalInteger('orderId');
  const clientOrderId = parameters.optional('origClientOrderId');
  const { history } = context.simulation.exchange;
  if (orderId === undefined && clientOrderId === undefined)
    throw new BinanceError('EITHER_MANDATORY', "'origClientOrderId' or 'orderId'");
  const order =
    orderId === undefined
      ? history.orderByClientId(symbol, clientOrderId ?? '')
      : history.order(symbol, orderId);
  if (order === undefined) throw new BinanceError('NO_SUCH_ORDER');
  return orderView(order);
}

export function openOrders(parameters: Parameters, context: ApiContext): unknown {
  const one =
    parameters.optional('symbol') === undefined ? undefined : instrumentOf(parameters, context).symbol;
  return context.simulation.exchange.venue.openOrders(one).map(orderView);
}

/** Without bounds the newest; with orderId or startTime the oldest from there. Ascending by order id. */
export function allOrders(parameters: Parameters, context: ApiContext): unknown {
  const { symbol } = instrumentOf(parameters, context);
  const { startTime, endTime } = timeRange(parameters);
  const limit = parameters.limit(ROWS_DEFAULT, ROWS_MAX);
  const orderId = parameters.optionalInteger('orderId');
  const orders = context.simulation.exchange.history
    .orders(symbol)
    .filter((order) => orderId === undefined || order.orderId >= orderId)
    .filter((order) => order.createdAt >= startTime && order.createdAt <= endTime);
  return pick(orders, limit, orderId !== undefined || startTime > 0).map(orderView);
}

/** Without bounds the newest; with fromId or startTime the oldest from there. Ascending by trade id. */
export function myTrades(parameters: Parameters, context: ApiContext): unknown {
  const { symbol } = instrumentOf(parameters, context);
  const { startTime, endTime } = timeRange(parameters);
  const limit = parameters.limit(ROWS_DEFAULT, ROWS_MAX);
  const fromId = parameters.optionalInteger('fromId');
  const orderId = parameters.optionalInteger('orderId');
  const trades = context.simulation.exchange.history
    .trades(symbol)
    .filter((trade) => fromId === undefined || trade.tradeId >= fromId)
    .filter((trade) => orderId === undefined || trade.orderId === orderId)
    .filter((trade) => trade.time >= startTime && trade.time <= endTime);
  return pick(trades, limit, fromId !== undefined || startTime > 0).map(tradeView);
}

function timeRange(parameters: Parameters): { readonly startTime: number; readonly endTime: number } {
  const startTime = parameters.optionalInteger('startTime');
  const endTime = parameters.optionalInteger('endTime');
  if (startTime !== undefined && endTime !== undefined && endTime - startTime > DAY_MS)
    throw new BinanceError('TIME_RANGE');
  return { startTime: startTime ?? 0, endTime: endTime ?? Number.POSITIVE_INFINITY };
}

function pick<Row>(rows: readonly Row[], limit: number, oldest: boolean): readonly Row[] {
  return oldest ? rows.slice(0, limit) : rows.slice(-limit);
}

function basisPoints(rate: string): number {
  return decimal(rate).mul(10_000).toNumber();
}
