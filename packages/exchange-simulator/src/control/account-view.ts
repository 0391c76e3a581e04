import type { Simulation } from '../run/simulation.ts';

/** The account for a comparison with somebody's books: plain decimals as the venue keeps them. */
export function accountView({ exchange, market }: Simulation, run: string): unknown {
  const { history, venue } = exchange;
  return {
    run,
    time: exchange.marketTime,
    balances: venue.balances(),
    openOrders: venue.openOrders(),
    lastPrices: Object.fromEntries(market.symbols.map((symbol) => [symbol, exchange.lastPrice(symbol)])),
    lastTradeIds: Object.fromEntries(market.symbols.map((symbol) => [symbol, history.trades(symbol).length])),
    ...history.counts(),
  };
}
