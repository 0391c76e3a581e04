import type { Instrument } from '@fleet/domain/instruments';
import { fixed } from '../exchange/amounts.ts';
import { type ApiContext, instrumentsOf } from './endpoint.ts';
import type { Parameters } from './parameters.ts';

export const ORDER_TYPES = ['LIMIT', 'LIMIT_MAKER', 'MARKET', 'STOP_LOSS'] as const;

/** `exchangeInfo`: rate limits and each symbol's filters. Only what the matching engine can do is offered. */
export function exchangeInfo(parameters: Parameters, context: ApiContext): unknown {
  return {
    timezone: 'UTC',
    serverTime: context.wall(),
    rateLimits: rateLimits(context.weightLimit),
    exchangeFilters: [],
    symbols: instrumentsOf(parameters, context).instruments.map(symbolInfo),
  };
}

export function rateLimits(weightLimit: number): unknown[] {
  return [{ rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: weightLimit }];
}

function symbolInfo(instrument: Instrument): unknown {
  return {
    symbol: instrument.symbol,
    status: 'TRADING',
    baseAsset: instrument.base,
    baseAssetPrecision: 8,
    quoteAsset: instrument.quote,
    quotePrecision: 8,
    quoteAssetPrecision: 8,
    baseCommissionPrecision: 8,
    quoteCommissionPrecision: 8,
    orderTypes: ORDER_TYPES,
    icebergAllowed: false,
    ocoAllowed: false,
    otoAllowed: false,
    quoteOrderQtyMarketAllowed: false,
    allowTrailingStop: false,
    cancelReplaceAllowed: true,
    allowAmend: false,
    isSpotTradingAllowed: true,
    isMarginTradingAllowed: false,
    filters: filtersOf(instrument),
    permissions: [],
    permissionSets: [['SPOT']],
    defaultSelfTradePreventionMode: 'NONE',
    allowedSelfTradePreventionModes: ['NONE'],
  };
}

function filtersOf({ tickSize, stepSize, quantityMin, quantityMax, notionalMin }: Instrument): unknown[] {
  const lot = { minQty: fixed(quantityMin), maxQty: fixed(quantityMax), stepSize: fixed(stepSize) };
  return [
    {
      filterType: 'PRICE_FILTER',
      minPrice: fixed(tickSize),
      maxPrice: fixed('1000000'),
      tickSize: fixed(tickSize),
    },
    { filterType: 'LOT_SIZE', ...lot },
    { filterType: 'MARKET_LOT_SIZE', ...lot },
    {
      filterType: 'NOTIONAL',
      minNotional: fixed(notionalMin),
      applyMinToMarket: true,
      maxNotional: fixed('9000000'),
      applyMaxToMarket: false,
      avgPriceMins: 0,
    },
  ];
}
