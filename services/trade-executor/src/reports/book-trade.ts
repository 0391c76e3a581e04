import { eventId } from '@fleet/domain/events';
import { type DeskOrder, filled } from '@fleet/domain/execution';
import { type Decimal, decimal, text, ZERO } from '@fleet/domain/money';
import { allowsOrderAction } from '@fleet/domain/orders';
import { bookOf, keepOrder, type OrderRow } from '../book/load.ts';
import { alarm, speak, speakDeskEvent } from '../book/speak.ts';
import { advanceMarket, type ExecutorState } from '../book/state.ts';
import type { Turn } from '../book/turn.ts';
import type { TradeFact } from '../venue/port.ts';
import { speakResolved } from './resolved.ts';

/** A trade whose order is named; `stored` is the order's row where memory may have let the order go. */
export interface NamedTrade {
  readonly fact: TradeFact & { readonly clientOrderId: string };
  readonly stored: OrderRow | null;
}

/** True when the trade was booked before. Every trade is booked once, whoever reports it and however often. */
export function isBooked(state: ExecutorState, { symbol, tradeId }: TradeFact): boolean {
  const book = state.trades.get(symbol);
  return book !== undefined && (tradeId <= book.confirmed || book.booked.has(tradeId));
}

/** Books one trade: the desk, the balances, the record and the word on `exec.status` move together. */
export function bookTrade(turn: Turn, { fact, stored }: NamedTrade): void {
  const { state } = turn;
  if (isBooked(state, fact)) return;
  const book = bookOf(state, fact.symbol);
  book.booked.add(fact.tradeId);
  book.last = Math.max(book.last, fact.tradeId);
  advanceMarket(state, fact.time);
  const order =
    state.desk.orders.get(fact.clientOrderId) ?? (stored === null ? null : keepOrder(state, stored));
  turn.state.appended.push({ table: 'fills', row: fillRow(state.scope.run, fact, order === null) });
  moveBalances(state, fact);
  if (order === null) bookOthers(turn, fact);
  else bookOurs(turn, order, fact);
}

function bookOurs(turn: Turn, order: DeskOrder, fact: TradeFact): void {
  const { state } = turn;
  const complete = order.filled.add(fact.quantity).gte(order.quantity);
  if (!allowsOrderAction(order.state, complete ? 'fill-rest' : 'fill-part')) {
    refuseFill(turn, order, fact);
    return;
  }
  const unknown = order.state === 'UNKNOWN';
  order.venueOrderId ??= fact.venueOrderId;
  const event = filled(state.desk, {
    tradeId: String(fact.tradeId),
    clientOrderId: order.clientOrderId,
    price: fact.price,
    quantity: fact.quantity,
    quoteQuantity: fact.quoteQuantity,
    fee: fact.fee,
    feeAsset: fact.feeAsset,
    maker: fact.maker,
    time: fact.time,
  });
  speakDeskEvent(turn, event);
  if (unknown) speakResolved(turn, order, 'found', fact.time);
}

/** A fill that the order's lifecycle does not know is real money all the same: it is recorded, and people are told. */
function refuseFill(turn: Turn, order: DeskOrder, fact: TradeFact): void {
  alarm(turn, {
    code: 'ORDER_TRANSITION_NOT_ALLOWED',
    severity: 'critical',
    about: `${fact.symbol}:${fact.tradeId}`,
    title: `A fill of ${fact.symbol} came for an order that is ${order.state}`,
    text: `Trade ${fact.tradeId} of order ${order.clientOrderId}: ${fact.quantity} at ${fact.price}. It is booked as cash; compare the order with the venue.`,
  });
  bookOthers(turn, fact);
}

/** A trade of an order that is not ours: what it moved, asset by asset. */
function bookOthers(turn: Turn, fact: TradeFact): void {
  const { scope } = turn.state;
  for (const [asset, amount] of movesOf(turn.state, fact)) {
    addHolding(turn.state, asset, amount);
    const id = eventId(scope.run, 'cash.moved', `${scope.venue}|${fact.symbol}|${fact.tradeId}|${asset}`);
    const reason = `trade ${fact.tradeId} of an order that is not the fleet's`;
    speak(turn, 'cash.moved', { asset, amount: text(amount), time: fact.time, reason }, { id });
  }
}

function moveBalances(state: ExecutorState, fact: TradeFact): void {
  for (const [asset, amount] of movesOf(state, fact)) addBalance(state, asset, amount);
}

export function addBalance({ account }: ExecutorState, asset: string, amount: Decimal): void {
  account.balances.set(asset, (account.balances.get(asset) ?? ZERO).add(amount));
}

/** What came or went without an order of ours, as far as a stop should cover it. */
export function addHolding({ desk }: ExecutorState, asset: string, amount: Decimal): void {
  const own = desk.symbols.find(({ instrument }) => instrument.base === asset);
  if (own !== undefined) own.held = own.held.add(amount);
}

/** Amount by asset that a trade added (negative: took), the fee included. */
function movesOf({ scope }: ExecutorState, fact: TradeFact): Map<string, Decimal> {
  const instrument = scope.instruments.find(({ symbol }) => symbol === fact.symbol);
  const sign = fact.side === 'buy' ? 1 : -1;
  const moves = new Map<string, Decimal>();
  const add = (asset: string, amount: Decimal): void => {
    moves.set(asset, (moves.get(asset) ?? ZERO).add(amount));
  };
  // Of a symbol without an instrument only the fee's asset is known; reconciliation finds the rest.
  if (instrument !== undefined) {
    add(instrument.base, decimal(fact.quantity).mul(sign));
    add(instrument.quote, decimal(fact.quoteQuantity).mul(-sign));
  }
  if (fact.feeAsset !== '') add(fact.feeAsset, decimal(fact.fee).neg());
  return moves;
}

function fillRow(run: string, fact: NamedTrade['fact'], external: boolean) {
  return {
    run,
    symbol: fact.symbol,
    trade_id: fact.tradeId,
    client_order_id: fact.clientOrderId,
    venue_order_id: fact.venueOrderId,
    side: fact.side,
    price: fact.price,
    quantity: fact.quantity,
    quote_quantity: fact.quoteQuantity,
    fee: fact.fee,
    fee_asset: fact.feeAsset,
    maker: fact.maker,
    external,
    time: fact.time,
  };
}
