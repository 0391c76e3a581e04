import { syntheticCandles, toColumns } from '@fleet/domain/candles';
import { type TradingConfiguration, tradingConfiguration } from '@fleet/domain/configuration';
import { instrumentsSchema } from '@fleet/domain/instruments';
import { type VenueConfig, venueConfigSchema } from '@fleet/domain/matching';
import { portfolioRulesSchema } from '@fleet/domain/portfolio';
import { riskLimitsSchema } from '@fleet/domain/risk';
import { strategiesSchema } from '@fleet/domain/strategies';
import { dayRulesSchema } from '@fleet/domain/supervision';
import { type SharedColumns, shareColumns } from '../src/candles/shared-columns.ts';
import { splitPeriod } from '../src/search/period.ts';
import type { Study, StudySpec } from '../src/studies/study.ts';

export const FROM = Date.UTC(2024, 0, 1);
export const DAY_MS = 86_400_000;
export const SYMBOLS = ['BTCUSDT', 'ETHUSDT'] as const;

const INSTRUMENTS = [
  { symbol: 'BTCUSDT', base: 'BTC', stepSize: '0.00001', price: '42000' },
  { symbol: 'ETHUSDT', base: 'ETH', stepSize: '0.0001', price: '2300' },
];

/** The texts of config/, as a folder holds them or as `configurationOf` parses them. */
export const FILES = {
  instruments: {
    instruments: INSTRUMENTS.map(({ price: _price, stepSize, ...rest }) => ({
      ...rest,
      ...{ quote: 'USDT', tickSize: '0.01', stepSize, quantityMin: stepSize },
      ...{ quantityMax: '9000', notionalMin: '5' },
    })),
  },
  strategies: {
    interval: '1m',
    strategies: SYMBOLS.map((symbol) => ({
      symbol,
      strategy: 'ema-cross',
      parameters: { fast: 20, slow: 60, atrPeriod: 30, atrMultiple: 6 },
    })),
  },
  portfolio: { volTarget: 1, volWindow: 60, symbolCap: 0.4, band: 0.1 },
  risk: {
    ...{ allowedSymbols: [...SYMBOLS], marketDataAgeMsMax: 180_000, orderNotionalMax: 5_000 },
    ...{ positionNotionalMax: 5_000, positionShareMax: 0.45, collar: 0.02, takerFeeRate: 0.001 },
    stopSlippageFactor: 1.2,
    bars: {
      missingBarsMax: 0,
      zeroVolumeRunMax: 10,
      jumpSigmaMax: 12,
      jumpShareMin: 0.02,
      historyBars: 60,
    },
    approvalValidForMs: 60_000,
  },
  day: {
    ...{ timeZone: 'UTC', start: '00:00', targetPct: 1, targetPolicy: 'ignore', lossCapPct: 5 },
    ...{ lossCapFlatten: false, lossCapResume: 'next-day' },
  },
  venue: {
    ...{ makerFeeRate: '0.0001', takerFeeRate: '0.0001', slippageBps: 1, collar: '0.02' },
    startBalances: { USDT: '10000' },
  },
};

export function configurationOf(): TradingConfiguration {
  return tradingConfiguration({
    instruments: instrumentsSchema.parse(FILES.instruments),
    strategies: strategiesSchema.parse(FILES.strategies),
    portfolio: portfolioRulesSchema.parse(FILES.portfolio),
    risk: riskLimitsSchema.parse(FILES.risk),
    day: dayRulesSchema.parse(FILES.day),
  });
}

export const venue: VenueConfig = venueConfigSchema.parse(FILES.venue);

/** A made-up market without gaps at its ends: `days` of minutes from FROM. */
export function marketText(symbol: string, days: number) {
  const price = INSTRUMENTS.find((instrument) => instrument.symbol === symbol)?.price ?? '100';
  return syntheticCandles({
    ...{ seed: 'study', symbol, interval: '1m', from: FROM, bars: days * 1440 },
    ...{ startPrice: price, tickSize: '0.01', volatility: 0.9, gapShare: 0 },
  });
}

export function candlesOf(days: number): readonly SharedColumns[] {
  return SYMBOLS.map((symbol) => shareColumns(toColumns(symbol, 60_000, marketText(symbol, days))));
}

export function specOf(over: Partial<StudySpec> = {}): StudySpec {
  return {
    ...{ strategy: 'ema-cross', symbols: [...SYMBOLS], interval: '1m', from: FROM, to: FROM + 2 * DAY_MS },
    ...{ testShare: 0.5, trials: 12, seed: 7, objective: 'totalReturn', tradesMin: 1, drawdownMax: 0.5 },
    ...{ candidates: 3, requestedBy: 'test' },
    ...over,
  };
}

export function studyOf(over: Partial<StudySpec> = {}, id = 'study-1'): Study {
  const spec = specOf(over);
  const { day } = configurationOf();
  return {
    ...{ id, position: 1, spec, periods: splitPeriod(spec, { intervalMs: 60_000, day }) },
    ...{ requestId: 'request-1', requestedAt: '2024-01-05T00:00:00.000Z', state: 'queued', started: null },
    ...{ startedAt: null, finishedAt: null, code: null, message: '', parameterVersion: null },
  };
}
