import { accepted, type DeskOrder, ended, MARKET_CLOSED } from '@fleet/domain/execution';
import { decimal, text } from '@fleet/domain/money';
import { isTerminal } from '@fleet/domain/orders';
import { keepOrder, type OrderRow } from '../book/load.ts';
import { alarm, speakDeskEvent } from '../book/speak.ts';
import { advanceMarket } from '../book/state.ts';
import type { Turn } from '../book/turn.ts';
import type { OrderFact } from '../venue/port.ts';
import { speakResolved } from './resolved.ts';

/** The venue's word on an order, and the order's row where memory may have let it go. */
export interface NamedOrder {
  readonly fact: OrderFact;
  readonly stored: OrderRow | null;
}

/** After so long a fill that the venue has and nobody reported is fetched. */
const FILL_GRACE_MS = { lockstep: 20, paced: 100, live: 500 } as const;

/** Brings our order in line with the venue's word on it. A repeated or overtaken word changes nothing. */
export function bookOrder(turn: Turn, { fact, stored }: NamedOrder): void {
  const { state } = turn;
  advanceMarket(state, fact.time);
  const order =
    state.desk.orders.get(fact.clientOrderId) ?? (stored === null ? null : keepOrder(state, stored));
  if (order === null) {
    noteOthers(turn, fact);
    return;
  }
  const unknown = order.state === 'UNKNOWN';
  const missing = decimal(fact.executed).gt(order.filled);
  if (missing) fetchFills(turn, fact);
  if (fact.status === 'open' || fact.status === 'filled') stands(turn, order, fact);
  // Its fills come first: an order that has ended takes no more part in risk's reservations.
  else if (!missing) ends(turn, order, fact);
  if (unknown && (order.state as DeskOrder['state']) !== 'UNKNOWN')
    speakResolved(turn, order, 'found', fact.time);
}

function stands(turn: Turn, order: DeskOrder, fact: OrderFact): void {
  const known = order.venueOrderId !== null;
  const event = accepted(turn.state.desk, order.clientOrderId, fact.venueOrderId, fact.time);
  // Found again after a lost answer to a cancel: it was announced when it was first accepted.
  if (event !== null && !known) speakDeskEvent(turn, event);
}

function ends(turn: Turn, order: DeskOrder, fact: OrderFact): void {
  if (isTerminal(order.state)) return;
  order.venueOrderId ??= fact.venueOrderId;
  endOrder(turn, order, {
    how: fact.status === 'canceled' ? 'canceled' : fact.status === 'rejected' ? 'rejected' : 'expired',
    code: 'VENUE',
    reason: reasonOf(turn, order, fact),
    time: fact.time,
  });
}

/** Why the venue ended it, as far as we asked for it ourselves. */
function reasonOf(turn: Turn, order: DeskOrder, fact: OrderFact): string {
  if (fact.status !== 'canceled') return `the venue says ${fact.status}`;
  const busy = turn.state.desk.symbols[turn.state.desk.indexOf.get(order.symbol) ?? -1]?.busy;
  if (busy?.kind === 'replace' && busy.cancel === order) return 'replaced';
  return busy?.kind === 'cancel' && busy.order === order ? 'requested' : 'canceled at the venue';
}

export interface End {
  readonly how: 'canceled' | 'expired' | 'rejected';
  readonly code: string;
  readonly reason: string;
  readonly time: number;
}

/** Ends an order in the desk and says so; tells people when it leaves a position without its stop. */
export function endOrder(turn: Turn, order: DeskOrder, { how, ...detail }: End): void {
  const event = ended(turn.state.desk, order.clientOrderId, how, detail);
  if (event === null) return;
  speakDeskEvent(turn, event);
  if (how !== 'rejected') return;
  const desk = turn.state.desk.symbols[turn.state.desk.indexOf.get(order.symbol) ?? -1];
  const protects = order.type === 'stop' || order.purpose === 'emergency';
  if (protects && detail.code === MARKET_CLOSED && desk !== undefined) {
    marketOver(turn, order, text(desk.held));
    return;
  }
  if (order.type === 'stop' && desk?.emergency)
    unprotected(turn, order, detail, 'it is sold at market instead');
  if (order.purpose === 'emergency')
    unprotected(turn, order, detail, 'the sale was refused too: act by hand');
}

/** Nothing can be placed and nothing moves: no alarm. At a real venue the market opens again, and a person must look. */
function marketOver(turn: Turn, { symbol, quantity, triggerPrice: trigger }: DeskOrder, held: string): void {
  const live = turn.state.scope.mode === 'live';
  alarm(turn, {
    code: 'MARKET_CLOSED_HOLDING',
    severity: live ? 'critical' : 'warning',
    about: symbol,
    title: `The market of ${symbol} ${live ? 'is closed' : 'ended'} with ${held} held`,
    text: `The venue takes no orders any more, so the position has no stop and is not sold. ${
      live ? 'Nothing is tried until its next fill: act by hand when it opens.' : 'Nothing is to be done.'
    }`,
    figures: { symbol, held, quantity, trigger },
  });
}

function unprotected(turn: Turn, order: DeskOrder, { code, reason }: Omit<End, 'how'>, next: string): void {
  alarm(turn, {
    code: 'POSITION_UNPROTECTED',
    severity: 'critical',
    about: order.symbol,
    title: `The position in ${order.symbol} has no stop`,
    text: `The venue refused ${order.type === 'stop' ? 'its stop' : 'its sale'} (${code}: ${reason}); ${next}.`,
    figures: { symbol: order.symbol, quantity: order.quantity, trigger: order.triggerPrice },
  });
}

function fetchFills(turn: Turn, { symbol }: OrderFact): void {
  turn.effects.push({ kind: 'sync', symbol, afterMs: FILL_GRACE_MS[turn.state.scope.mode] });
}

/** An order that is not ours is recorded and otherwise left alone. */
function noteOthers(turn: Turn, fact: OrderFact): void {
  turn.state.appended.push({
    table: 'external_orders',
    row: {
      run: turn.state.scope.run,
      symbol: fact.symbol,
      venue_order_id: fact.venueOrderId,
      client_order_id: fact.clientOrderId,
      side: fact.side,
      type: fact.type,
      status: fact.status,
      quantity: fact.quantity,
      executed: fact.executed,
      time: fact.time,
    },
  });
  if (fact.status !== 'open') return;
  alarm(turn, {
    code: 'EXTERNAL_ORDER',
    severity: 'warning',
    about: `${fact.symbol}:${fact.venueOrderId}`,
    title: `An order of ${fact.symbol} is open that the fleet did not send`,
    text: `${fact.side} ${fact.quantity}, client order id ${fact.clientOrderId}. It is recorded as EXTERNAL and locks balance.`,
    figures: { symbol: fact.symbol, venueOrderId: fact.venueOrderId },
  });
}
