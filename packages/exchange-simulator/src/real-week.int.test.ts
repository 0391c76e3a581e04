import { instrumentsSchema } from '@fleet/domain/instruments';
import { venueConfigSchema } from '@fleet/domain/matching';
import { type Decimal, decimal } from '@fleet/domain/money';
import { loadYaml } from '@fleet/shared/config';
import { referenceData } from '@fleet/testkit/reference-data';
import { describe, expect, it } from 'vitest';
import { tradeView } from './exchange/order-view.ts';
import type { UserEvent } from './exchange/user-events.ts';
import { loadCandleMarket, loadSyntheticMarket } from './market/load-market.ts';
import type { Market } from './market/market.ts';
import { openSimulation } from './run/open-simulation.ts';

const { instruments } = loadYaml('config/instruments.yaml', instrumentsSchema);
const venue = loadYaml('config/venue.yaml', venueConfigSchema);
const WEEK_SETS = 10_080;

/** The recorded week where it is on this machine, else a made-up one of the same length. */
function week(): Market {
  const candles = ['BTCUSDT', 'ETHUSDT'].map((symbol) =>
    referenceData(`candles/${symbol}-1m-20240801-20240807.csv.gz`),
  );
  const found = candles.filter((path) => path !== null);
  if (found.length === candles.length) return loadCandleMarket(instruments, { candles: found });
  const from = Date.UTC(2024, 7, 1);
  const bounds = { from, to: from + WEEK_SETS * 60_000 };
  return loadSyntheticMarket(instruments, {
    seed: 'week',
    symbols: ['BTCUSDT', 'ETHUSDT'],
    interval: '1m',
    ...bounds,
  });
}

describe('a week of two symbols', () => {
  it('the stream, the queries and the account tell the same, to the last digit', () => {
    const market = week();
    const { simulation } = openSimulation({ market, venue, wallTime: 0 });
    const fills: UserEvent[] = [];
    simulation.listen({
      userEvents: (events) => fills.push(...events.filter((event) => event['x'] === 'TRADE')),
      setClosed: () => undefined,
    });
    for (let answer = simulation.advance(); !answer.done; answer = simulation.advance())
      if (answer.cycle && simulation.sets % 30 === 0) tradeAll(simulation, answer.closed);

    expect(simulation.sets).toBe(market.total);
    expect(fills.length).toBeGreaterThan(300);
    const { history } = simulation.exchange;
    const trades = market.symbols.flatMap((symbol) => history.trades(symbol).map(tradeView));
    const told = fills.map((event) => [
      event['s'],
      event['t'],
      event['i'],
      event['L'],
      event['l'],
      event['Y'],
      event['n'],
      event['N'],
      event['T'],
    ]);
    const asked = trades.map((trade) => [
      trade['symbol'],
      trade['id'],
      trade['orderId'],
      trade['price'],
      trade['qty'],
      trade['quoteQty'],
      trade['commission'],
      trade['commissionAsset'],
      trade['time'],
    ]);
    const byKey = (left: unknown[], right: unknown[]) =>
      `${left.slice(0, 2)}` < `${right.slice(0, 2)}` ? -1 : 1;
    expect(told.sort(byKey)).toEqual(asked.sort(byKey));
    const booked = book(market, fills);
    for (const [asset, { free, locked }] of Object.entries(simulation.exchange.venue.balances()))
      expect([asset, free, locked]).toEqual([asset, booked.get(asset)?.toFixed(), '0']);
  });
});

/** An entry, its stop and a limit on every symbol of the set: some are refused for want of money, which is fine. */
function tradeAll(
  simulation: ReturnType<typeof openSimulation>['simulation'],
  symbols: readonly string[],
): void {
  for (const symbol of symbols) {
    const last = decimal(simulation.exchange.lastPrice(symbol) ?? 0);
    const quantity = decimal(500).div(last).toFixed(4, 1);
    const id = `${symbol}-${simulation.sets}`;
    const common = { symbol, quantity, price: null, stopPrice: null } as const;
    const stopPrice = last.mul('0.995').toFixed(2);
    const price = last.mul('1.004').toFixed(2);
    for (const request of [
      { ...common, clientOrderId: `m-${id}`, side: 'buy', type: 'MARKET' },
      { ...common, clientOrderId: `s-${id}`, side: 'sell', type: 'STOP_LOSS', stopPrice },
      { ...common, clientOrderId: `l-${id}`, side: 'sell', type: 'LIMIT', price },
    ] as const)
      simulation.submit({ kind: 'place', request });
  }
}

/** The account as its fills make it. */
function book(market: Market, fills: readonly UserEvent[]): Map<string, Decimal> {
  const sums = new Map<string, Decimal>();
  const post = (asset: string, amount: Decimal) =>
    sums.set(asset, (sums.get(asset) ?? decimal(0)).add(amount));
  for (const { base, quote } of market.instruments)
    for (const asset of [base, quote]) post(asset, decimal(0));
  for (const [asset, amount] of Object.entries(venue.startBalances)) post(asset, decimal(amount));
  for (const fill of fills) {
    const instrument = market.instruments.find(({ symbol }) => symbol === fill['s']);
    if (instrument === undefined) throw new Error(`no instrument ${String(fill['s'])}`);
    const sign = fill['S'] === 'BUY' ? 1 : -1;
    post(instrument.base, decimal(String(fill['l'])).mul(sign));
    post(instrument.quote, decimal(String(fill['Y'])).mul(-sign));
    post(String(fill['N']), decimal(String(fill['n'])).neg());
  }
  return sums;
}
