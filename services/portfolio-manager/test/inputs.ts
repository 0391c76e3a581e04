import { join } from 'node:path';
import { readTradingConfiguration, type TradingConfiguration } from '@fleet/domain/configuration';
import { catalog, eventId, type OrderProposed, type TradingState } from '@fleet/domain/events';
import { clientOrderId } from '@fleet/domain/orders';
import { loadYaml } from '@fleet/shared/config';
import type { DecideContext, Decided, Input, NewEvent } from '@fleet/shared/streams';
import { createPlanning } from '../src/planning/processor.ts';
import type { PlanningState } from '../src/planning/state.ts';

export const RUN = 'portfolio-test';
export const MINUTE = 60_000;
/** 2024-08-05T00:00:00Z */
export const START = 1_722_816_000_000;
export const CONFIG = join(import.meta.dirname, '../../../config');

/** Written over portfolio.yaml: the volatility is known after ten bars, weights end at the cap. */
export const PORTFOLIO_YAML = `volTarget: 10
volWindow: 10
symbolCap: 0.4
band: 0.05
entryNotionalFactor: 1.5
validForMs: 60000
`;

const files = readTradingConfiguration((file, schema) => loadYaml(join(CONFIG, file), schema), {
  replay: true,
});
export const configuration: TradingConfiguration = {
  ...files,
  portfolio: { ...files.portfolio, volTarget: 10, volWindow: 10, symbolCap: 0.4, band: 0.05 },
};

export interface Fed {
  readonly type: string;
  readonly id: string;
  readonly key: string;
  readonly data: unknown;
}

let occasions = 0;

/** An event as its service would say it; `name` is its natural key, a new one each time when left out. */
export function fed(type: string, data: unknown, name?: string): Fed {
  occasions += 1;
  const id = eventId(RUN, type, name ?? `occasion ${occasions}`);
  return { type, id, key: RUN, data: catalog.entry(type)?.parse(data) ?? data };
}

export function inputOf({ type, id, key, data }: Fed): Input {
  const stream = catalog.entry(type)?.stream ?? null;
  const ts = '2024-08-05T00:00:00.000Z';
  return { id, type, key, ts, data, stream, causationId: null, requestId: 'r', traceparent: 't' };
}

export const processor = createPlanning(configuration, (state) => state.plannedSet + MINUTE);
/** As against a real venue: the market's clock is the wall's. */
export const live = createPlanning(configuration, (_state, wallNow) => wallNow);

export function decide(state: PlanningState, event: Fed, context: Partial<DecideContext> = {}): Decided {
  return processor.decide(state, inputOf(event), { wallNow: 0, waitExpired: false, ...context });
}

/** Takes events that must not wait; gives what they made the service say. Each of it passes its own schema. */
export function feed(state: PlanningState, ...events: readonly Fed[]): readonly NewEvent[] {
  return events.flatMap((event) => {
    const decided = decide(state, event);
    if (decided.kind !== 'done') throw new Error(`${event.type}: ${JSON.stringify(decided)}`);
    for (const { type, data } of decided.events ?? []) catalog.entry(type)?.parse(data);
    return [...(decided.events ?? [])];
  });
}

export const BOTH = ['BTCUSDT', 'ETHUSDT'] as const;

export function bar(openTime: number, symbol: string, close = '100', set: readonly string[] = BOTH): Fed {
  const prices = { open: close, high: close, low: close, close, volume: '7' };
  const missing = BOTH.filter((one) => !set.includes(one));
  return fed(
    'bar.closed',
    { venue: 'sim', symbol, interval: '1m', openTime, closeTime: openTime + MINUTE, ...prices, set, missing },
    `${symbol}|${openTime}`,
  );
}

export function signal(openTime: number, symbol: string, target: number, set: readonly string[] = BOTH): Fed {
  const missing = BOTH.filter((one) => !set.includes(one));
  return fed(
    'signal.produced',
    {
      ...{ cycleId: `1m:${openTime}`, symbol, interval: '1m', openTime, strategy: 'test' },
      ...{ strategyVersion: 'test', target, stopDistance: target > 0 ? 5 : null, confidence: 1 },
      ...{ reason: 'test', set, missing },
    },
    `${symbol}|${openTime}`,
  );
}

/** Bars and signals of one open time. */
export function barSet(openTime: number, target: number, close = '100'): Fed[] {
  return [
    ...BOTH.map((symbol) => bar(openTime, symbol, close)),
    ...BOTH.map((symbol) => signal(openTime, symbol, target)),
  ];
}

export function tradingState(epoch: number, changes: Partial<TradingState> = {}): Fed {
  const state = {
    ...{ mode: 'ACTIVE', epoch, reason: 'START', cause: null, detail: '', actor: 'test' },
    ...{ cycleId: null, flattenId: null, day: null, since: START },
    ...changes,
  };
  return fed('trading-state.changed', { state }, String(epoch));
}

export function dayOpened(day = '2024-08-05'): Fed {
  return fed('day.opened', { day, openingEquity: '10000', openingEquityMark: 10_000, openedAt: START });
}

export function snapshot(sequence: number, balances: Record<string, string> = { USDT: '10000' }): Fed {
  const amounts = Object.entries(balances).map(([asset, free]) => [asset, { free, locked: '0' }]);
  return fed('account.snapshot', { sequence, balances: Object.fromEntries(amounts), time: START });
}

export function flatten(flattenId: string, stateEpoch: number): Fed {
  return fed('flatten.requested', { flattenId, stateEpoch, cycleId: null, requestedBy: 'test' }, flattenId);
}

export type Sold = Pick<OrderProposed, 'proposalId' | 'symbol' | 'side' | 'quantity' | 'purpose' | 'cycleId'>;

const head = (order: Sold) => ({
  proposalId: order.proposalId,
  clientOrderId: clientOrderId(order.proposalId),
  venueOrderId: '1',
  cycleId: order.cycleId,
  symbol: order.symbol,
  side: order.side,
  type: 'market',
  purpose: order.purpose,
  quantity: order.quantity,
  time: START,
});

export interface FillOf {
  readonly quantity: string;
  readonly price: string;
  readonly filledQuantity: string;
  readonly complete: boolean;
  readonly fee?: string;
  readonly feeAsset?: string;
}

export function fill(sequence: number, order: Sold, of: FillOf): Fed {
  return fed('order.filled', {
    ...head(order),
    ...{ sequence, tradeId: String(sequence), price: of.price, fillQuantity: of.quantity },
    quoteQuantity: String(Number((Number(of.price) * Number(of.quantity)).toFixed(8))),
    ...{ fee: of.fee ?? '0', feeAsset: of.feeAsset ?? 'USDT', maker: false },
    ...{ filledQuantity: of.filledQuantity, complete: of.complete },
    ...{ referencePrice: '100', stopDistance: null, reason: 'test' },
  });
}

export function ended(sequence: number, order: Sold, how: 'canceled' | 'expired' | 'rejected'): Fed {
  const code = how === 'rejected' ? { code: 'TEST' } : {};
  return fed(`order.${how}`, { ...head(order), sequence, filledQuantity: '0', reason: 'test', ...code });
}

export function denied({ proposalId, cycleId, symbol }: Sold, code = 'POSITION_ABOVE_LIMIT'): Fed {
  return fed('order.denied', { proposalId, cycleId, symbol, code, figures: {}, message: code });
}

export function cashMoved(sequence: number, asset: string, amount: string): Fed {
  return fed('cash.moved', { sequence, asset, amount, time: START, reason: 'test' });
}

export function reconciled(sequence: number): Fed {
  return fed('reconciliation.completed', {
    sequence,
    clean: true,
    differences: [],
    frozenSymbols: [],
    time: START,
  });
}

export function proposals(events: readonly NewEvent[]): OrderProposed[] {
  return events.filter(({ type }) => type === 'order.proposed').map(({ data }) => data as OrderProposed);
}

/** Orders as `purpose side quantity symbol`, skips as `symbol code`. */
export function plan(events: readonly NewEvent[]): string[] {
  return events.flatMap(({ type, data }) => {
    if (type !== 'cycle.planned') return [];
    const { skipped } = data as { skipped: { symbol: string; code: string }[] };
    const orders = proposals(events).map((o) => `${o.purpose} ${o.side} ${o.quantity} ${o.symbol}`);
    return [...orders, ...skipped.map(({ symbol, code }) => `${symbol} ${code}`)];
  });
}
