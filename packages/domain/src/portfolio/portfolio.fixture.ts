import type { TradingState } from '../events/orchestration.ts';
import { BTC, ETH } from '../instruments/instrument.fixture.ts';
import { decimal } from '../money/index.ts';
import { observeBar } from './bars.ts';
import type { Fill } from './fills.ts';
import { type PortfolioRules, portfolioRulesSchema } from './rules.ts';
import { emptyPortfolio, type PortfolioState, setBalance } from './state.ts';
import { barsPerYear } from './volatility.ts';

export const ACTIVE: TradingState = {
  mode: 'ACTIVE',
  epoch: 1,
  reason: 'START',
  cause: null,
  detail: '',
  actor: 'test',
  cycleId: null,
  flattenId: null,
  day: null,
  since: 0,
};

export function rules(changes: Partial<Record<keyof PortfolioRules, unknown>> = {}): PortfolioRules {
  return portfolioRulesSchema.parse({
    volTarget: 0.4,
    volWindow: 10,
    symbolCap: 0.4,
    band: 0.05,
    ...changes,
  });
}

/** 10,000 USDT and closes that end at 100 with a volatility far above the target's: weights are below the cap. */
export function funded(changes: Partial<Record<keyof PortfolioRules, unknown>> = {}): PortfolioState {
  const state = emptyPortfolio({
    instruments: [BTC, ETH],
    rules: rules(changes),
    barsPerYear: barsPerYear(60_000),
  });
  setBalance(state, 'USDT', decimal(10_000));
  state.trading = ACTIVE;
  state.day = '2024-08-01';
  for (let i = 0; i <= 10; i += 1) {
    // Calm: an annual volatility of about 7 %, so that the cap binds.
    const close = i === 10 ? 100 : 100 + (i % 2) * 0.01;
    observeBar(state, 0, i * 60_000, close);
    observeBar(state, 1, i * 60_000, close);
  }
  return state;
}

export function fill(changes: Partial<Fill>): Fill {
  const quantity = changes.quantity ?? '1';
  const price = changes.price ?? '100';
  return {
    tradeId: '1',
    clientOrderId: 'c',
    symbol: 'BTCUSDT',
    side: 'buy',
    purpose: 'entry',
    price,
    quantity,
    quoteQuantity: decimal(price).mul(quantity).toFixed(),
    fee: '0',
    feeAsset: 'USDT',
    referencePrice: '100',
    time: 0,
    ...changes,
  };
}
