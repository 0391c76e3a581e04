import { decimal, text } from '../money/index.ts';
import { isTerminal, nextOrderState, type OrderAction } from '../orders/index.ts';
import type { DeskOrder, DeskState, SymbolDesk } from './desk-state.ts';
import { protectAfterFill } from './protection.ts';

/** A trade as the venue reports it; decimal texts. */
export interface TradeReport {
  readonly tradeId: string;
  readonly clientOrderId: string;
  readonly price: string;
  readonly quantity: string;
  readonly quoteQuantity: string;
  readonly fee: string;
  readonly feeAsset: string;
  readonly maker: boolean;
  readonly time: number;
}

/** What became of an order: the source of the `exec.status` events, and what the backtest books. */
export type DeskEvent =
  | { readonly kind: 'accepted'; readonly order: DeskOrder; readonly time: number }
  | {
      readonly kind: 'filled';
      readonly order: DeskOrder;
      readonly trade: TradeReport;
      readonly complete: boolean;
    }
  | {
      readonly kind: 'ended';
      readonly order: DeskOrder;
      readonly how: 'canceled' | 'expired' | 'rejected';
      readonly code: string;
      readonly reason: string;
      readonly time: number;
    }
  | { readonly kind: 'unknown'; readonly order: DeskOrder; readonly reason: string; readonly time: number };

/** A report about an order that the desk does not know: it is another's, or our record is behind. */
export class UnknownOrderError extends Error {
  readonly code = 'ORDER_NOT_OURS';
  override readonly name = 'UnknownOrderError';
}

function deskOf(state: DeskState, symbol: string): SymbolDesk {
  const desk = state.symbols[state.indexOf.get(symbol) ?? -1];
  if (desk === undefined) throw new UnknownOrderError(`${symbol} is not configured`);
  return desk;
}

function orderOf(state: DeskState, clientOrderId: string): DeskOrder {
  const order = state.orders.get(clientOrderId);
  if (order === undefined) throw new UnknownOrderError(`no order with client order id ${clientOrderId}`);
  return order;
}

/** Takes an approved order in: it waits for its symbol's turn. */
export function authorise(state: DeskState, order: DeskOrder): void {
  state.orders.set(order.clientOrderId, order);
  deskOf(state, order.symbol).waiting.push(order);
}

/** Asks for the cancel of an open order. False when it is not open any more (or not yet at the venue). */
export function requestCancel(state: DeskState, clientOrderId: string): boolean {
  const order = state.orders.get(clientOrderId);
  if (order === undefined || isTerminal(order.state)) return false;
  const desk = deskOf(state, order.symbol);
  const waiting = desk.waiting.indexOf(order);
  if (waiting >= 0) return false;
  desk.cancels.push(order);
  return true;
}

/**
 * Cancels open entries, as a halt does: what has not gone out ends here, what stands at the venue gets a cancel.
 * Protective stops and other sells stay.
 */
export function cancelEntries(state: DeskState, time: number): readonly DeskEvent[] {
  const events: DeskEvent[] = [];
  for (const order of openEntries(state)) {
    if (requestCancel(state, order.clientOrderId)) continue;
    const event = ended(state, order.clientOrderId, 'canceled', {
      code: 'CANCEL_ALL',
      reason: 'canceled before it was sent',
      time,
    });
    if (event !== null) events.push(event);
  }
  return events;
}

/**
 * Cancels the protective stops, because a person asked for it: their positions stay without one until the next fill of
 * the symbol.
 */
export function cancelStops(state: DeskState): readonly DeskOrder[] {
  const stops: DeskOrder[] = [];
  for (const desk of state.symbols) {
    const { stop } = desk;
    if (stop === null) continue;
    desk.unprotectable = true;
    if (requestCancel(state, stop.clientOrderId)) stops.push(stop);
  }
  return stops;
}

/** Open entries (buys), which a halt cancels; protective stops and other sells stay. */
export function openEntries(state: DeskState): readonly DeskOrder[] {
  return [...state.orders.values()].filter((order) => order.side === 'buy' && !isTerminal(order.state));
}

/** The venue holds the order. A repeated report, or one that a fill has overtaken, gives nothing. */
export function accepted(
  state: DeskState,
  clientOrderId: string,
  venueOrderId: string,
  time: number,
): DeskEvent | null {
  const order = orderOf(state, clientOrderId);
  order.venueOrderId = venueOrderId;
  const desk = deskOf(state, order.symbol);
  settleBusy(desk, order);
  // A stop whose first fill has overtaken the answer stands with its rest.
  if (order.type === 'stop' && order.state === 'PARTIALLY_FILLED') desk.stop ??= order;
  if (order.state !== 'SUBMITTING' && order.state !== 'UNKNOWN') return null;
  order.state = nextOrderState(order.state, 'accept');
  if (order.type === 'stop') desk.stop = order;
  return { kind: 'accepted', order, time };
}

/** A trade: position, protection and order move together. */
export function filled(state: DeskState, report: TradeReport): DeskEvent {
  const order = orderOf(state, report.clientOrderId);
  const desk = deskOf(state, order.symbol);
  order.filled = order.filled.add(report.quantity);
  const complete = order.filled.gte(order.quantity);
  order.state = nextOrderState(order.state, complete ? 'fill-rest' : 'fill-part');
  desk.unprotectable = false;
  bookHolding(state, desk, order, report);
  if (complete) release(desk, order);
  return { kind: 'filled', order, trade: report, complete };
}

function bookHolding(state: DeskState, desk: SymbolDesk, order: DeskOrder, report: TradeReport): void {
  const { base } = desk.instrument;
  const sign = order.side === 'buy' ? 1 : -1;
  const before = desk.held;
  desk.held = desk.held.add(decimal(report.quantity).mul(sign));
  const payer = state.symbols.find((other) => other.instrument.base === report.feeAsset);
  if (report.feeAsset === base) desk.held = desk.held.sub(report.fee);
  else if (payer !== undefined) payer.held = payer.held.sub(report.fee);
  desk.protection = protectAfterFill(
    desk.instrument,
    desk.protection,
    {
      side: order.side,
      price: report.price,
      quantity: report.quantity,
      quoteQuantity: report.quoteQuantity,
      stopDistance: order.stopDistance,
    },
    { before, after: desk.held },
  );
  if (order.side === 'buy') desk.entryCycleId = order.cycleId;
}

/** Code of an order that was never sent, because the order that it should replace could not be canceled. */
export const REPLACE_NOT_SENT = 'REPLACE_NOT_SENT';

/** Code of the venue's refusal while it takes no orders at all. */
export const MARKET_CLOSED = 'MARKET_CLOSED';

/**
 * A refused stop leaves its position to a market sell; when that is refused too, a person or a later event must act.
 * A closed market would refuse the sale as well: it is not tried.
 */
function protectionRefused(desk: SymbolDesk, order: DeskOrder, code: string): void {
  if (order.type === 'stop' && code === MARKET_CLOSED) desk.unprotectable = true;
  else if (order.type === 'stop') desk.emergency = true;
  if (order.purpose === 'emergency') desk.unprotectable = true;
}

/** The order has ended without (all of) its fills. A refused stop leaves its position to a market sell. */
export function ended(
  state: DeskState,
  clientOrderId: string,
  how: 'canceled' | 'expired' | 'rejected',
  detail: { readonly code: string; readonly reason: string; readonly time: number },
): DeskEvent | null {
  const order = orderOf(state, clientOrderId);
  const desk = deskOf(state, order.symbol);
  settleBusy(desk, order);
  if (isTerminal(order.state)) return null;
  const action: OrderAction = how === 'canceled' ? 'cancel' : how === 'expired' ? 'expire' : 'reject';
  order.state = nextOrderState(order.state, action);
  if (how === 'rejected' && detail.code !== REPLACE_NOT_SENT) protectionRefused(desk, order, detail.code);
  release(desk, order);
  return { kind: 'ended', order, how, ...detail };
}

/** No answer that proves anything: the symbol stays busy until queries settle it. */
export function lostSight(
  state: DeskState,
  clientOrderId: string,
  reason: string,
  time: number,
): DeskEvent | null {
  const order = orderOf(state, clientOrderId);
  if (order.state !== 'SUBMITTING' && order.state !== 'CANCEL_PENDING') return null;
  order.state = nextOrderState(order.state, 'lose-sight');
  return { kind: 'unknown', order, reason, time };
}

/** The venue refused the cancel: the order stands, or its end is reported by itself. */
export function cancelRefused(state: DeskState, clientOrderId: string): void {
  const order = orderOf(state, clientOrderId);
  settleBusy(deskOf(state, order.symbol), order);
  if (order.state === 'CANCEL_PENDING') order.state = nextOrderState(order.state, 'accept');
}

/** A command is answered when its own order is: in a replace, that is the new one. */
function settleBusy(desk: SymbolDesk, order: DeskOrder): void {
  if (desk.busy !== null && desk.busy.order === order) desk.busy = null;
}

function release(desk: SymbolDesk, order: DeskOrder): void {
  settleBusy(desk, order);
  if (desk.stop === order) desk.stop = null;
  const waiting = desk.waiting.indexOf(order);
  if (waiting >= 0) desk.waiting.splice(waiting, 1);
}

/** Forgets terminal orders, oldest first, down to `keep`: their late fills are then found in the store. */
export function forgetEnded(state: DeskState, keep: number): void {
  if (state.orders.size <= keep) return;
  for (const [id, order] of state.orders) {
    if (state.orders.size <= keep) return;
    if (isTerminal(order.state)) state.orders.delete(id);
  }
}

/** Base units that an order still wants, decimal text. */
export function remainingQuantity(order: DeskOrder): string {
  return text(decimal(order.quantity).sub(order.filled));
}
