import { BTC, ETH } from '../instruments/instrument.fixture.ts';
import { decimal } from '../money/index.ts';
import { observeRiskBar, openRiskDay } from './bookings.ts';
import type { GateContext, Proposal } from './check.ts';
import { type RiskLimits, riskLimitsSchema } from './limits.ts';
import { emptyRiskState, type RiskState, setRiskBalance } from './state.ts';

export const NOW = Date.UTC(2024, 7, 1, 12, 0);
const MINUTE = 60_000;

export function limits(changes: Partial<Record<keyof RiskLimits, unknown>> = {}): RiskLimits {
  return riskLimitsSchema.parse({
    allowedSymbols: ['BTCUSDT', 'ETHUSDT'],
    marketDataAgeMsMax: 180_000,
    orderNotionalMax: 5_000,
    positionNotionalMax: 6_000,
    positionShareMax: 0.9,
    collar: 0.02,
    takerFeeRate: 0.001,
    ...changes,
  });
}

/** A healthy account: 10,000 USDT, a bar at 100 just closed, trading, a day open at 10,000, loss cap 2 %. */
export function healthy(changes: Partial<Record<keyof RiskLimits, unknown>> = {}): RiskState {
  const state = emptyRiskState({
    limits: limits(changes),
    instruments: [BTC, ETH],
    intervalMs: MINUTE,
    lossCapPct: 2,
  });
  setRiskBalance(state, 'USDT', decimal(10_000));
  setRiskBalance(state, 'BTC', decimal(0));
  for (const [index, symbol] of ['BTCUSDT', 'ETHUSDT'].entries()) {
    const openTime = NOW - MINUTE;
    observeRiskBar(state, index, { symbol, openTime, open: 100, high: 101, low: 99, close: 100, volume: 1 });
  }
  state.trading = {
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
  openRiskDay(state, '2024-08-01', 10_000);
  return state;
}

/** A buy of 10 BTC at 100 with a stop 5 below: 1,000 USDT of value, about 63 at risk. */
export function buy(changes: Partial<Proposal> = {}): Proposal {
  return {
    proposalId: 'a'.repeat(64),
    symbol: 'BTCUSDT',
    side: 'buy',
    type: 'market',
    quantity: '10',
    limitPrice: null,
    referencePrice: '100',
    stopDistance: '5',
    purpose: 'entry',
    flattenId: null,
    confidence: 1,
    barTime: NOW - MINUTE,
    day: '2024-08-01',
    decidedAt: NOW,
    validForMs: 60_000,
    ...changes,
  };
}

export const sell = (changes: Partial<Proposal> = {}): Proposal =>
  buy({ side: 'sell', purpose: 'exit', stopDistance: null, quantity: '1', ...changes });

export function context(changes: Partial<GateContext> = {}): GateContext {
  return {
    market: NOW,
    joinExpired: false,
    // Thursday, noon.
    localTime: () => ({ weekday: 4, date: '2024-08-01', minutes: 720 }),
    ...changes,
  };
}
