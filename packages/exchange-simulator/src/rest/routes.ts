import { account, allOrders, myTrades, openOrders, queryOrder } from './account-endpoints.ts';
import { cancelReplace } from './cancel-replace.ts';
import type { Endpoint } from './endpoint.ts';
import { exchangeInfo } from './exchange-info.ts';
import { klines } from './klines.ts';
import { cancelOpenOrders, cancelOrder, placeOrder, testOrder } from './order-endpoints.ts';
import { bookTicker, dayTicker, depth, priceTicker } from './tickers.ts';

const open = { signed: false } as const;
const signed = { signed: true } as const;

/** The REST API, with Binance's request weights. */
export const ROUTES: readonly Endpoint[] = [
  { method: 'GET', path: '/api/v3/ping', ...open, weight: 1, handle: () => ({}) },
  {
    method: 'GET',
    path: '/api/v3/time',
    ...open,
    weight: 1,
    handle: (_, { wall }) => ({ serverTime: wall() }),
  },
  { method: 'GET', path: '/api/v3/exchangeInfo', ...open, weight: 20, handle: exchangeInfo },
  { method: 'GET', path: '/api/v3/klines', ...open, weight: 2, handle: klines },
  { method: 'GET', path: '/api/v3/ticker/price', ...open, weight: 2, handle: priceTicker },
  { method: 'GET', path: '/api/v3/ticker/24hr', ...open, weight: 2, handle: dayTicker },
  { method: 'GET', path: '/api/v3/ticker/bookTicker', ...open, weight: 2, handle: bookTicker },
  { method: 'GET', path: '/api/v3/depth', ...open, weight: 5, handle: depth },
  { method: 'GET', path: '/api/v3/account', ...signed, weight: 20, handle: account },
  { method: 'POST', path: '/api/v3/order', ...signed, weight: 1, handle: placeOrder },
  { method: 'GET', path: '/api/v3/order', ...signed, weight: 4, handle: queryOrder },
  { method: 'DELETE', path: '/api/v3/order', ...signed, weight: 1, handle: cancelOrder },
  { method: 'POST', path: '/api/v3/order/test', ...signed, weight: 1, handle: testOrder },
  { method: 'POST', path: '/api/v3/order/cancelReplace', ...signed, weight: 1, handle: cancelReplace },
  { method: 'GET', path: '/api/v3/openOrders', ...signed, weight: 6, handle: openOrders },
  { method: 'DELETE', path: '/api/v3/openOrders', ...signed, weight: 1, handle: cancelOpenOrders },
  { method: 'GET', path: '/api/v3/allOrders', ...signed, weight: 20, handle: allOrders },
  { method: 'GET', path: '/api/v3/myTrades', ...signed, weight: 20, handle: myTrades },
];
