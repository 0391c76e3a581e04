import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { readTradingConfiguration, type TradingConfiguration } from '@fleet/domain/configuration';
import {
  type AuthorisedOrder,
  catalog,
  eventId,
  type OrderProposed,
  type TradingState,
} from '@fleet/domain/events';
import { proposalId } from '@fleet/domain/orders';
import { loadYaml } from '@fleet/shared/config';
import type { DecideContext, Decided, Input, NewEvent } from '@fleet/shared/streams';
import { createOrderCheck } from '../src/order-check/processor.ts';
import type { OrderCheckState } from '../src/order-check/state.ts';
import { createSigner } from '../src/signing/signer.ts';

export const RUN = 'risk-test';
export const MINUTE = 60_000;
/** 2024-08-05T00:00:00Z */
export const START = 1_722_816_000_000;
export const CONFIG = join(import.meta.dirname, '../../../config');
export const KEYS = generateKeyPairSync('ed25519', {
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

/** The repository's own configuration: BTCUSDT and ETHUSDT on minutes, orders up to 5,000. */
export const configuration: TradingConfiguration = readTradingConfiguration(
  (file, schema) => loadYaml(join(CONFIG, file), schema),
  { replay: true },
);

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
  return { type, id, key: RUN, data: catalog.entry(type)?.parse(data) };
}

export function inputOf({ type, id, key, data }: Fed): Input {
  const stream = catalog.entry(type)?.stream ?? null;
  const ts = '2024-08-05T00:00:00.000Z';
  return { id, type, key, ts, data, stream, causationId: null, requestId: 'r', traceparent: 't' };
}

export const processor = createOrderCheck(configuration, {
  signer: createSigner(KEYS.privateKey, 'risk-1'),
  market: (state) => state.market,
  decided: () => undefined,
});

export function decide(state: OrderCheckState, event: Fed, context: Partial<DecideContext> = {}): Decided {
  return processor.decide(state, inputOf(event), { wallNow: 0, waitExpired: false, ...context });
}

/** Takes events that must not wait; gives what they made the service say. */
export function feed(state: OrderCheckState, ...events: readonly Fed[]): readonly NewEvent[] {
  return events.flatMap((event) => {
    const decided = decide(state, event);
    if (decided.kind !== 'done') throw new Error(`${event.type}: ${JSON.stringify(decided)}`);
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

export function tradingState(epoch: number, changes: Partial<TradingState> = {}): Fed {
  const state = {
    ...{ mode: 'ACTIVE', epoch, reason: 'START', cause: null, detail: '', actor: 'test' },
    ...{ cycleId: null, flattenId: null, day: null, since: START },
    ...changes,
  };
  return fed('trading-state.changed', { state }, String(epoch));
}

export function dayOpened(day = '2024-08-05', openingEquityMark = 10_000): Fed {
  const openingEquity = String(openingEquityMark);
  return fed('day.opened', { day, openingEquity, openingEquityMark, openedAt: START });
}

export function snapshot(sequence: number, balances: Record<string, string> = { USDT: '10000' }): Fed {
  const amounts = Object.entries(balances).map(([asset, free]) => [asset, { free, locked: '0' }]);
  return fed('account.snapshot', { sequence, balances: Object.fromEntries(amounts), time: START });
}

export function proposal(changes: Partial<OrderProposed> = {}, name?: string): Fed {
  const data: Omit<OrderProposed, 'proposalId'> = {
    ...{ cycleId: `1m:${START}`, symbol: 'BTCUSDT', side: 'buy', type: 'market', quantity: '10' },
    ...{ limitPrice: null, referencePrice: '100', stopDistance: '5', purpose: 'entry', sequence: 0 },
    ...{ confidence: 1, reason: 'test', flattenId: null, barTime: START, day: '2024-08-05' },
    ...{ ledgerVersion: 1, stateEpoch: 1, decidedAt: START + MINUTE, validForMs: 60_000 },
    ...changes,
  };
  const { cycleId: cycle, symbol, purpose, sequence } = data;
  const id = proposalId({ run: RUN, cycle, symbol, purpose, sequence });
  return fed('order.proposed', { proposalId: id, ...data }, name);
}

const head = (order: AuthorisedOrder) => ({
  proposalId: order.proposalId,
  clientOrderId: order.clientOrderId,
  venueOrderId: '1',
  cycleId: order.cycleId,
  symbol: order.symbol,
  side: order.side,
  type: order.type,
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

export function fill(sequence: number, order: AuthorisedOrder, of: FillOf): Fed {
  return fed('order.filled', {
    ...head(order),
    ...{ sequence, tradeId: String(sequence), price: of.price, fillQuantity: of.quantity },
    quoteQuantity: String(Number((Number(of.price) * Number(of.quantity)).toFixed(8))),
    ...{ fee: of.fee ?? '0', feeAsset: of.feeAsset ?? 'USDT', maker: false },
    ...{ filledQuantity: of.filledQuantity, complete: of.complete },
    ...{ referencePrice: '100', stopDistance: order.stopDistance, reason: 'test' },
  });
}

export function ended(
  sequence: number,
  order: AuthorisedOrder,
  how: 'canceled' | 'expired' | 'rejected',
): Fed {
  const code = how === 'rejected' ? { code: 'TEST' } : {};
  return fed(`order.${how}`, { ...head(order), sequence, filledQuantity: '0', reason: 'test', ...code });
}

export function unknown(sequence: number, order: AuthorisedOrder): Fed {
  return fed('order.unknown', { ...head(order), sequence, reason: 'test' });
}

export function resolved(sequence: number, order: AuthorisedOrder): Fed {
  return fed('order.resolved', { ...head(order), sequence, outcome: 'found', state: 'ACCEPTED' });
}

export function reconciled(sequence: number, frozenSymbols: readonly string[]): Fed {
  const clean = frozenSymbols.length === 0;
  return fed('reconciliation.completed', { sequence, clean, differences: [], frozenSymbols, time: START });
}

export function cashMoved(sequence: number, asset: string, amount: string): Fed {
  return fed('cash.moved', { sequence, asset, amount, time: START, reason: 'test' });
}

/** The order that an answer authorises. */
export function authorised(events: readonly NewEvent[]): AuthorisedOrder {
  const found = events.find(({ type }) => type === 'order.authorised');
  if (found === undefined) throw new Error(`not authorised: ${JSON.stringify(events)}`);
  return (found.data as { order: AuthorisedOrder }).order;
}

/** `code quantity`, as a reader of the answers sees them. */
export function answers(events: readonly NewEvent[]): string[] {
  return events.map(({ type, data }) => {
    const { code, quantity } = data as { code?: string; quantity?: string };
    return [type, code ?? quantity].filter((part) => part !== undefined).join(' ');
  });
}
