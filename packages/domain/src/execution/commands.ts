import { sellableQuantity } from '../instruments/index.ts';
import { type Decimal, decimal, text, ZERO } from '../money/index.ts';
import { clientOrderId, isTerminal, nextOrderState, type OrderPurpose, proposalId } from '../orders/index.ts';
import type { DeskOrder, DeskState, SymbolDesk, VenueCommand } from './desk-state.ts';

/** The stop that should stand: quantity over all that no open sell covers, and trigger; null when none can. */
interface WantedStop {
  readonly quantity: Decimal;
  readonly trigger: Decimal;
}

/** Base that open sells (no stops) of the symbol still want. */
function openSells(state: DeskState, desk: SymbolDesk): Decimal {
  let open = ZERO;
  for (const order of state.orders.values()) {
    if (order.symbol !== desk.instrument.symbol || order.side !== 'sell' || order.type === 'stop') continue;
    if (isTerminal(order.state) || order.state === 'AUTHORISED') continue;
    open = open.add(decimal(order.quantity).sub(order.filled));
  }
  return open;
}

function remaining(order: DeskOrder): Decimal {
  return decimal(order.quantity).sub(order.filled);
}

function wantedStop(state: DeskState, desk: SymbolDesk, alsoSold: Decimal): WantedStop | null {
  const { trigger } = desk.protection;
  if (trigger === null) return null;
  const uncovered = desk.held.sub(openSells(state, desk)).sub(alsoSold);
  const quantity = sellableQuantity(desk.instrument, uncovered, trigger);
  return quantity.isZero() ? null : { quantity, trigger };
}

/**
 * The next command for a symbol, or null when there is nothing to do or an answer is awaited. Cancels first, then what
 * is approved, then the stop that is owed. On spot a resting sell locks its base, so a sell takes the stop's place in
 * one step, and a part sale first makes the stop smaller. The command's order is marked SUBMITTING.
 */
export function nextCommand(state: DeskState, index: number): VenueCommand | null {
  const desk = state.symbols[index];
  if (desk === undefined || desk.busy !== null) return null;
  const command = cancelCommand(desk) ?? approvedCommand(state, desk) ?? protectionCommand(state, desk);
  if (command === null) return null;
  desk.busy = command;
  if (command.kind !== 'cancel') {
    command.order.state = nextOrderState(command.order.state, 'submit');
    state.orders.set(command.order.clientOrderId, command.order);
  }
  return command;
}

/**
 * The command that a busy symbol waits for, to be sent once more because the venue has proven not to hold it (or, for a
 * cancel, not to have done it). Null when the symbol waits for nothing, or when the order has ended meanwhile. A replace
 * whose old order is gone has become a plain order.
 */
export function repeatCommand(state: DeskState, index: number): VenueCommand | null {
  const desk = state.symbols[index];
  const command = desk?.busy ?? null;
  if (desk === undefined || command === null || isTerminal(command.order.state)) return null;
  const { order } = command;
  if (command.kind === 'cancel') {
    if (order.state === 'UNKNOWN') order.state = nextOrderState(order.state, 'accept');
    if (order.state !== 'CANCEL_PENDING') order.state = nextOrderState(order.state, 'request-cancel');
    return command;
  }
  if (order.state === 'UNKNOWN') order.state = nextOrderState(order.state, 'submit');
  if (order.state !== 'SUBMITTING') return null;
  if (command.kind === 'replace' && isTerminal(command.cancel.state)) desk.busy = { kind: 'place', order };
  return desk.busy;
}

/** True when something is held that a stop should cover, and none stands at the venue. */
export function isUnprotected(state: DeskState, index: number): boolean {
  const desk = state.symbols[index];
  return desk !== undefined && desk.stop === null && wantedStop(state, desk, ZERO) !== null;
}

function cancelCommand(desk: SymbolDesk): VenueCommand | null {
  for (let order = desk.cancels.shift(); order !== undefined; order = desk.cancels.shift()) {
    if (order.state === 'ACCEPTED' || order.state === 'PARTIALLY_FILLED') {
      order.state = nextOrderState(order.state, 'request-cancel');
      return { kind: 'cancel', order };
    }
  }
  return null;
}

function approvedCommand(state: DeskState, desk: SymbolDesk): VenueCommand | null {
  const order = desk.waiting[0];
  if (order === undefined) return null;
  const stop = desk.stop;
  if (order.side === 'buy' || stop === null) {
    desk.waiting.shift();
    return { kind: 'place', order };
  }
  const wanted = wantedStop(state, desk, decimal(order.quantity));
  if (wanted === null) {
    desk.waiting.shift();
    return { kind: 'replace', cancel: stop, order };
  }
  if (remaining(stop).gt(wanted.quantity))
    return { kind: 'replace', cancel: stop, order: ownStop(state, desk, wanted) };
  desk.waiting.shift();
  return { kind: 'place', order };
}

function protectionCommand(state: DeskState, desk: SymbolDesk): VenueCommand | null {
  const wanted = wantedStop(state, desk, ZERO);
  const standing = desk.stop;
  // It has triggered and sells at market: replacing it would take back the sale. Its end calls for what is owed then.
  if (standing?.filled.gt(ZERO)) return null;
  if (wanted === null) {
    desk.emergency = false;
    return standing === null ? null : { kind: 'cancel', order: cancelling(standing) };
  }
  if (desk.unprotectable) return null;
  if (desk.emergency) {
    desk.emergency = false;
    const order = ownOrder(state, desk, 'emergency', wanted);
    // A stop that still stands locks the base that this sell needs.
    return standing === null ? { kind: 'place', order } : { kind: 'replace', cancel: standing, order };
  }
  if (standing === null) return { kind: 'place', order: ownStop(state, desk, wanted) };
  if (remaining(standing).eq(wanted.quantity) && decimal(standing.triggerPrice ?? 0).eq(wanted.trigger))
    return null;
  return { kind: 'replace', cancel: standing, order: ownStop(state, desk, wanted) };
}

function cancelling(order: DeskOrder): DeskOrder {
  order.state = nextOrderState(order.state, 'request-cancel');
  return order;
}

function ownStop(state: DeskState, desk: SymbolDesk, wanted: WantedStop): DeskOrder {
  return ownOrder(state, desk, 'stop', wanted);
}

/** An order of the executor's own: its id continues the entry's cycle by a counter of the symbol. */
function ownOrder(state: DeskState, desk: SymbolDesk, purpose: OrderPurpose, wanted: WantedStop): DeskOrder {
  const sequence = desk.ownSequence;
  desk.ownSequence += 1;
  const { symbol } = desk.instrument;
  const cycleId = desk.entryCycleId;
  const id = proposalId({ run: state.run, cycle: cycleId, symbol, purpose, sequence });
  const stop = purpose === 'stop';
  return {
    proposalId: id,
    clientOrderId: clientOrderId(id),
    cycleId,
    symbol,
    side: 'sell',
    type: stop ? 'stop' : 'market',
    purpose,
    sequence,
    quantity: text(wanted.quantity),
    limitPrice: null,
    triggerPrice: stop ? text(wanted.trigger) : null,
    stopDistance: null,
    referencePrice: text(wanted.trigger),
    flattenId: null,
    stateEpoch: 0,
    expiresAt: null,
    reason: stop ? 'protective-stop' : 'stop-refused',
    state: 'AUTHORISED',
    filled: ZERO,
    venueOrderId: null,
  };
}
