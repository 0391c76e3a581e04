import type { Instrument } from '../instruments/index.ts';
import {
  createSimulatedVenue,
  type MatchingBar,
  type SimulatedVenue,
  type VenueOrderRequest,
  type VenueRules,
} from './index.ts';

export const instrument = (symbol: string, base: string): Instrument => ({
  symbol,
  base,
  quote: 'USDT',
  tickSize: '0.01',
  stepSize: '0.001',
  quantityMin: '0.001',
  quantityMax: '9000',
  notionalMin: '5',
});

export const rules: VenueRules = {
  instruments: [instrument('AAAUSDT', 'AAA'), instrument('BBBUSDT', 'BBB')],
  makerFeeRate: '0.001',
  takerFeeRate: '0.002',
  slippageBps: 10,
  collar: '0.02',
};

export const MINUTE = 60_000;
let ids = 0;

export function order(change: Partial<VenueOrderRequest>): VenueOrderRequest {
  ids += 1;
  return {
    clientOrderId: `c${ids}`,
    symbol: 'AAAUSDT',
    side: 'buy',
    type: 'MARKET',
    quantity: '1',
    price: null,
    stopPrice: null,
    ...change,
  };
}

export function bar(open: number, high = open, low = open, close = open, symbol = 'AAAUSDT'): MatchingBar {
  return { symbol, openTime: 0, open, high, low, close };
}

/** A venue with 1000 USDT, 10 AAA and 10 BBB whose last prices are 100. */
export function venue(change: Partial<VenueRules> = {}): SimulatedVenue {
  const made = createSimulatedVenue(
    { ...rules, ...change },
    { balances: { USDT: '1000', AAA: '10', BBB: '10' } },
  );
  made.close([bar(100), bar(100, 100, 100, 100, 'BBBUSDT')]);
  return made;
}

export function placed(made: SimulatedVenue, change: Partial<VenueOrderRequest>) {
  const answer = made.place(order(change), 1);
  if (!('order' in answer)) throw new Error(`refused: ${answer.refusal}`);
  return answer.order;
}
