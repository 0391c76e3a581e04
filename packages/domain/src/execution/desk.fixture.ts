import type { TradingState } from '../events/orchestration.ts';
import type { AuthorisedOrder } from '../events/risk.ts';
import type { Instrument } from '../instruments/index.ts';
import { decimal } from '../money/index.ts';
import { deskOrderOf } from './approval.ts';
import { nextCommand } from './commands.ts';
import {
  type DeskOrder,
  type DeskState,
  emptyDesk,
  type SymbolDesk,
  type VenueCommand,
} from './desk-state.ts';
import { accepted, authorise, filled, type TradeReport } from './reports.ts';

export const AAA: Instrument = {
  symbol: 'AAAUSDT',
  base: 'AAA',
  quote: 'USDT',
  tickSize: '0.01',
  stepSize: '0.001',
  quantityMin: '0.001',
  quantityMax: '9000',
  notionalMin: '5',
};
export const BBB: Instrument = { ...AAA, symbol: 'BBBUSDT', base: 'BBB' };

export const ACTIVE: TradingState = {
  mode: 'ACTIVE',
  epoch: 3,
  reason: 'START',
  cause: null,
  detail: '',
  actor: 'test',
  cycleId: null,
  flattenId: null,
  day: null,
  since: 0,
};

let ids = 0;

/** An approval: a buy of 1 AAA whose stop stands 10 below its fill. */
export function approval(changes: Partial<AuthorisedOrder> = {}): AuthorisedOrder {
  ids += 1;
  return {
    run: 'run',
    proposalId: `proposal-${ids}`,
    clientOrderId: `order-${ids}`,
    cycleId: `1m:${ids}`,
    symbol: 'AAAUSDT',
    side: 'buy',
    type: 'market',
    quantity: '1',
    limitPrice: null,
    stopDistance: '10',
    purpose: 'entry',
    sequence: 0,
    flattenId: null,
    stateEpoch: 3,
    expiresAt: 60_000,
    ...changes,
  };
}

export const sale = (quantity: string, changes: Partial<AuthorisedOrder> = {}): AuthorisedOrder =>
  approval({ side: 'sell', purpose: 'exit', stopDistance: null, quantity, ...changes });

export function orderOf(order: AuthorisedOrder): DeskOrder {
  return deskOrderOf(order, { referencePrice: '100', reason: 'test' });
}

export function take(state: DeskState, order: AuthorisedOrder): DeskOrder {
  const taken = orderOf(order);
  authorise(state, taken);
  return taken;
}

export function trade(order: DeskOrder, changes: Partial<TradeReport> = {}): TradeReport {
  const quantity = changes.quantity ?? order.quantity;
  const price = changes.price ?? '100';
  ids += 1;
  return {
    tradeId: String(ids),
    clientOrderId: order.clientOrderId,
    price,
    quantity,
    quoteQuantity: decimal(price).mul(quantity).toFixed(),
    fee: '0',
    feeAsset: 'USDT',
    maker: false,
    time: 1,
    ...changes,
  };
}

export function deskOf(state: DeskState, index = 0): SymbolDesk {
  return state.symbols[index] as SymbolDesk;
}

/** The next command, which must be there. */
export function sent(state: DeskState, index = 0): VenueCommand {
  const command = nextCommand(state, index);
  if (command === null) throw new Error('the desk wants nothing');
  return command;
}

export function words(command: VenueCommand | null): string {
  if (command === null) return 'nothing';
  const { kind, order } = command;
  const stop = order.triggerPrice === null ? '' : ` at ${order.triggerPrice}`;
  if (kind === 'cancel') return `cancel ${order.purpose} ${order.quantity}`;
  const what = `${order.purpose} ${order.quantity}${stop}`;
  return kind === 'place' ? `place ${what}` : `replace ${command.cancel.purpose} by ${what}`;
}

/** A desk that holds 1 AAA bought at 100, its stop at 90 standing. */
export function protectedDesk(): { readonly state: DeskState; readonly stop: DeskOrder } {
  const state = emptyDesk('run', [AAA, BBB]);
  const entry = take(state, approval());
  sent(state);
  accepted(state, entry.clientOrderId, '1', 1);
  filled(state, trade(entry));
  const { order: stop } = sent(state);
  accepted(state, stop.clientOrderId, '2', 1);
  return { state, stop };
}
