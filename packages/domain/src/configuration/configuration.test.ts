import { describe, expect, it } from 'vitest';
import { instrumentsSchema } from '../instruments/index.ts';
import { portfolioRulesSchema } from '../portfolio/index.ts';
import { riskLimitsSchema } from '../risk/index.ts';
import { strategiesSchema } from '../strategies/index.ts';
import { dayRulesSchema } from '../supervision/index.ts';
import {
  ConfigurationConflictError,
  type ConfigurationFiles,
  tradingConfiguration,
} from './configuration.ts';

const instrument = (symbol: string) => ({
  ...{ symbol, base: symbol.slice(0, -4), quote: 'USDT', tickSize: '0.01', stepSize: '0.001' },
  ...{ quantityMin: '0.001', quantityMax: '9000', notionalMin: '5' },
});
const strategy = (symbol: string) => ({ symbol, strategy: 'ema-cross' });

function files(changes: Partial<Record<keyof ConfigurationFiles, object>> = {}): ConfigurationFiles {
  return {
    instruments: instrumentsSchema.parse({
      instruments: ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'].map(instrument),
      ...changes.instruments,
    }),
    strategies: strategiesSchema.parse({
      interval: '1m',
      strategies: [strategy('SOLUSDT'), strategy('BTCUSDT')],
      ...changes.strategies,
    }),
    portfolio: portfolioRulesSchema.parse({
      ...{ volTarget: 0.4, volWindow: 10, symbolCap: 0.4, band: 0.05 },
      ...changes.portfolio,
    }),
    risk: riskLimitsSchema.parse({
      ...{ allowedSymbols: ['BTCUSDT'], marketDataAgeMsMax: 180_000, orderNotionalMax: 1, collar: 0 },
      ...{ positionNotionalMax: 1, positionShareMax: 0.5, takerFeeRate: 0 },
      ...changes.risk,
    }),
    day: dayRulesSchema.parse(changes.day ?? {}),
  };
}

function faultsOf(changes: Partial<Record<keyof ConfigurationFiles, object>>): readonly string[] {
  try {
    tradingConfiguration(files(changes));
  } catch (error) {
    if (error instanceof ConfigurationConflictError) return error.faults;
    throw error;
  }
  return [];
}

describe('the configuration', () => {
  it('trades the symbols that have a strategy, in the order of the instruments', () => {
    const { instruments, assignments, intervalMs, barsPerYear } = tradingConfiguration(files());
    expect(instruments.map(({ symbol }) => symbol)).toEqual(['BTCUSDT', 'SOLUSDT']);
    expect(assignments.map(({ symbol }) => symbol)).toEqual(['BTCUSDT', 'SOLUSDT']);
    expect([intervalMs, barsPerYear]).toEqual([60_000, 525_600]);
  });

  it.each([
    {
      changes: { strategies: { strategies: [strategy('ADAUSDT')] } },
      fault: 'strategies.yaml trades ADAUSDT, which instruments.yaml does not have',
    },
    {
      changes: { risk: { allowedSymbols: ['ADAUSDT'] } },
      fault: 'risk.yaml allows ADAUSDT, which instruments.yaml does not have',
    },
    {
      changes: { portfolio: { symbolCaps: { BTCUSD: 0.1 } } },
      fault: 'portfolio.yaml caps BTCUSD, which instruments.yaml does not have',
    },
    {
      changes: { portfolio: { groups: [{ symbols: ['BTCUSDT', 'ADAUSDT'], cap: 0.5 }] } },
      fault: 'portfolio.yaml groups ADAUSDT, which instruments.yaml does not have',
    },
    {
      changes: { strategies: { interval: '1h' } },
      fault:
        'risk.yaml calls bars stale after marketDataAgeMsMax 180000, sooner than the next of 1h can come (3600000)',
    },
  ])('is refused: $fault', ({ changes, fault }) => {
    expect(faultsOf(changes)).toEqual([fault]);
  });

  it('lists all its faults at once', () => {
    const changes = {
      strategies: { interval: '4h', strategies: [strategy('ADAUSDT')] },
      risk: { allowedSymbols: ['XRPUSDT', 'BTCUSDT'] },
    };
    expect(faultsOf(changes)).toHaveLength(3);
    expect(() => tradingConfiguration(files(changes))).toThrow(/ADAUSDT.*XRPUSDT.*4h/s);
  });
});
