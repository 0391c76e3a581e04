import { tradingStateSchema } from '@fleet/domain/events';
import type { DeskOrder, SymbolDesk, VenueCommand } from '@fleet/domain/execution';
import { decimal } from '@fleet/domain/money';
import type { OrderPurpose, OrderState } from '@fleet/domain/orders';
import type { Queryable } from '@fleet/shared/postgres';
import { z } from 'zod';
import { RowMemory } from './changes.ts';
import { executorRows } from './rows.ts';
import { type ExecutorScope, type ExecutorState, type Intent, newState, type Trace } from './state.ts';

export interface OrderRow {
  readonly client_order_id: string;
  readonly proposal_id: string;
  readonly cycle_id: string;
  readonly symbol: string;
  readonly side: 'buy' | 'sell';
  readonly type: 'market' | 'limit' | 'stop';
  readonly purpose: OrderPurpose;
  readonly sequence: number;
  readonly quantity: string;
  readonly limit_price: string | null;
  readonly trigger_price: string | null;
  readonly stop_distance: string | null;
  readonly reference_price: string | null;
  readonly flatten_id: string | null;
  readonly state_epoch: string;
  readonly expires_at: string | null;
  readonly reason: string;
  readonly state: OrderState;
  readonly filled: string;
  readonly venue_order_id: string | null;
  readonly traceparent: string;
  readonly request_id: string;
}

interface SymbolRow {
  readonly symbol: string;
  readonly held: string;
  readonly entry_quantity: string;
  readonly entry_quote: string;
  readonly distance: string | null;
  readonly trigger: string | null;
  readonly stop: string | null;
  readonly own_sequence: number;
  readonly entry_cycle_id: string;
  readonly emergency: boolean;
  readonly unprotectable: boolean;
  readonly waiting: readonly string[];
  readonly cancels: readonly string[];
  readonly busy: {
    readonly kind: Intent['kind'];
    readonly order: string;
    readonly cancel: string | null;
  } | null;
  readonly last_trade_id: string;
  readonly confirmed_trade_id: string;
}

interface IntentRow {
  readonly id: string;
  readonly symbol: string;
  readonly kind: Intent['kind'];
  readonly client_order_id: string;
  readonly cancel_client_order_id: string | null;
  readonly attempt: number;
  readonly request: Intent['request'];
  readonly timestamp: string;
  readonly recv_window_ms: number;
  readonly state: Intent['state'];
  readonly outcome: string | null;
}

interface AccountRow {
  readonly sequence: string;
  readonly last_intent_id: string;
  readonly opened: boolean;
  readonly balances: Readonly<Record<string, string>>;
  readonly market: string;
  readonly bar_time: string;
  readonly epoch: string;
  readonly trading: unknown;
  readonly unconfirmed: unknown;
}

const OPEN_STATES = ['AUTHORISED', 'SUBMITTING', 'ACCEPTED', 'PARTIALLY_FILLED', 'CANCEL_PENDING', 'UNKNOWN'];
/** Ended orders that are read too: their late fills come soonest. */
const ENDED_READ = 100;

/** The state of the last commit, exactly: desk, books, open intents. */
export async function loadExecutor(db: Queryable, scope: ExecutorScope): Promise<ExecutorState> {
  const state = newState(scope, new RowMemory());
  await loadAccount(db, state);
  await loadOrders(db, state);
  await loadProposed(db, state);
  await loadSymbols(db, state);
  await loadIntents(db, state);
  await loadReconciled(db, state);
  // What was just read is what stands in the tables: nothing of it is a change.
  executorRows(state);
  return state;
}

async function loadAccount(db: Queryable, { scope, account }: ExecutorState): Promise<void> {
  const { rows } = await db.query<AccountRow>('select * from execution.account_states where run = $1', [
    scope.run,
  ]);
  const row = rows[0];
  if (row === undefined) return;
  account.sequence = Number(row.sequence);
  account.lastIntentId = Number(row.last_intent_id);
  account.opened = row.opened;
  for (const [asset, total] of Object.entries(row.balances)) account.balances.set(asset, decimal(total));
  account.market = Number(row.market);
  account.barTime = Number(row.bar_time);
  account.epoch = Number(row.epoch);
  account.trading = tradingStateSchema.nullable().parse(row.trading);
  account.unconfirmed = z.array(tradingStateSchema).parse(row.unconfirmed);
}

async function loadOrders(db: Queryable, state: ExecutorState): Promise<void> {
  const { run } = state.scope;
  const ended = await db.query<OrderRow>(
    `select o.* from execution.orders o
     join (select client_order_id, max(sequence) as said from execution.order_events where run = $1
           group by client_order_id order by said desc limit $3) e using (client_order_id)
     where o.run = $1 and o.state <> all($2) and o.state <> 'PROPOSED' order by e.said`,
    [run, OPEN_STATES, ENDED_READ],
  );
  const open = await db.query<OrderRow>(
    'select * from execution.orders where run = $1 and state = any($2) order by client_order_id',
    [run, OPEN_STATES],
  );
  for (const row of [...ended.rows, ...open.rows]) keepOrder(state, row);
}

async function loadProposed(db: Queryable, { scope, proposed }: ExecutorState): Promise<void> {
  const { rows } = await db.query<OrderRow>(
    "select * from execution.orders where run = $1 and state = 'PROPOSED'",
    [scope.run],
  );
  for (const row of rows) proposed.set(row.proposal_id, { order: orderOf(row), trace: traceOf(row) });
}

function traceOf({ traceparent, request_id: requestId }: OrderRow): Trace {
  return { traceparent, requestId };
}

/** Takes a stored order into the desk's memory, where it is not there already. */
export function keepOrder(state: ExecutorState, row: OrderRow): DeskOrder {
  const known = state.desk.orders.get(row.client_order_id);
  if (known !== undefined) return known;
  const order = orderOf(row);
  state.desk.orders.set(order.clientOrderId, order);
  state.traces.set(order.clientOrderId, traceOf(row));
  return order;
}

export function orderOf(row: OrderRow): DeskOrder {
  return {
    proposalId: row.proposal_id,
    clientOrderId: row.client_order_id,
    cycleId: row.cycle_id,
    symbol: row.symbol,
    side: row.side,
    type: row.type,
    purpose: row.purpose,
    sequence: row.sequence,
    quantity: row.quantity,
    limitPrice: row.limit_price,
    triggerPrice: row.trigger_price,
    stopDistance: row.stop_distance,
    referencePrice: row.reference_price,
    flattenId: row.flatten_id,
    stateEpoch: Number(row.state_epoch),
    expiresAt: row.expires_at === null ? null : Number(row.expires_at),
    reason: row.reason,
    state: row.state,
    filled: decimal(row.filled),
    venueOrderId: row.venue_order_id,
  };
}

async function loadSymbols(db: Queryable, state: ExecutorState): Promise<void> {
  const { run } = state.scope;
  const { rows } = await db.query<SymbolRow>('select * from execution.symbol_states where run = $1', [run]);
  for (const row of rows) {
    const desk = state.desk.symbols[state.desk.indexOf.get(row.symbol) ?? -1];
    if (desk !== undefined) restoreDesk(state, desk, row);
    state.trades.set(row.symbol, {
      confirmed: Number(row.confirmed_trade_id),
      last: Number(row.last_trade_id),
      booked: new Set(),
    });
  }
  const booked = await db.query<{ symbol: string; trade_id: string }>(
    `select f.symbol, f.trade_id from execution.fills f
     join execution.symbol_states s on s.run = f.run and s.symbol = f.symbol
     where f.run = $1 and f.trade_id > s.confirmed_trade_id`,
    [run],
  );
  for (const { symbol, trade_id } of booked.rows) state.trades.get(symbol)?.booked.add(Number(trade_id));
}

function restoreDesk(state: ExecutorState, desk: SymbolDesk, row: SymbolRow): void {
  desk.held = decimal(row.held);
  desk.protection = {
    entryQuantity: decimal(row.entry_quantity),
    entryQuote: decimal(row.entry_quote),
    distance: row.distance === null ? null : decimal(row.distance),
    trigger: row.trigger === null ? null : decimal(row.trigger),
  };
  desk.stop = row.stop === null ? null : storedOrder(state, row.stop);
  desk.ownSequence = row.own_sequence;
  desk.entryCycleId = row.entry_cycle_id;
  desk.emergency = row.emergency;
  desk.unprotectable = row.unprotectable;
  for (const id of row.waiting) desk.waiting.push(storedOrder(state, id));
  // A cancel that was asked for an order that has ended long since: the desk passes over it all the same.
  for (const id of row.cancels) {
    const order = state.desk.orders.get(id);
    if (order !== undefined) desk.cancels.push(order);
  }
  desk.busy = row.busy === null ? null : commandOf(state, row.busy);
}

function commandOf(state: ExecutorState, busy: NonNullable<SymbolRow['busy']>): VenueCommand {
  const order = storedOrder(state, busy.order);
  if (busy.kind !== 'replace') return { kind: busy.kind, order };
  return { kind: 'replace', cancel: storedOrder(state, busy.cancel ?? ''), order };
}

function storedOrder(state: ExecutorState, clientOrderId: string): DeskOrder {
  const order = state.desk.orders.get(clientOrderId);
  if (order === undefined) throw new Error(`symbol state names order ${clientOrderId}, which is not stored`);
  return order;
}

async function loadIntents(db: Queryable, state: ExecutorState): Promise<void> {
  const { rows } = await db.query<IntentRow>(
    "select * from execution.intents where run = $1 and state <> 'settled' order by id",
    [state.scope.run],
  );
  for (const row of rows) {
    state.intents.set(Number(row.id), {
      id: Number(row.id),
      symbol: row.symbol,
      kind: row.kind,
      clientOrderId: row.client_order_id,
      cancelClientOrderId: row.cancel_client_order_id,
      attempt: row.attempt,
      request: row.request,
      timestamp: Number(row.timestamp),
      recvWindow: row.recv_window_ms,
      state: row.state,
      outcome: row.outcome,
    });
  }
}

async function loadReconciled(db: Queryable, state: ExecutorState): Promise<void> {
  const { rows } = await db.query<{
    sequence: string;
    clean: boolean;
    frozen_symbols: string[];
    stored_at: Date;
  }>(
    `select sequence, clean, frozen_symbols, stored_at from execution.reconciliations
     where run = $1 order by sequence desc limit 1`,
    [state.scope.run],
  );
  const row = rows[0];
  if (row === undefined) return;
  state.reconciled = {
    sequence: Number(row.sequence),
    clean: row.clean,
    frozenSymbols: row.frozen_symbols,
    at: row.stored_at.getTime(),
  };
}

/** What a late fill of an order that memory has let go needs. */
export async function storedOrderRow(
  db: Queryable,
  run: string,
  by: { readonly clientOrderId: string } | { readonly symbol: string; readonly venueOrderId: string },
): Promise<OrderRow | null> {
  const { rows } =
    'clientOrderId' in by
      ? await db.query<OrderRow>('select * from execution.orders where run = $1 and client_order_id = $2', [
          run,
          by.clientOrderId,
        ])
      : await db.query<OrderRow>(
          'select * from execution.orders where run = $1 and symbol = $2 and venue_order_id = $3',
          [run, by.symbol, by.venueOrderId],
        );
  return rows[0] ?? null;
}

/** A symbol that the fleet does not trade, of which the account has a trade. */
export function bookOf(state: ExecutorState, symbol: string) {
  const known = state.trades.get(symbol);
  if (known !== undefined) return known;
  const book = { confirmed: 0, last: 0, booked: new Set<number>() };
  state.trades.set(symbol, book);
  return book;
}
