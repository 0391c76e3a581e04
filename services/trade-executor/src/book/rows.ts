import { type DeskOrder, forgetEnded, type SymbolDesk } from '@fleet/domain/execution';
import { text } from '@fleet/domain/money';
import type { TableWrite } from '@fleet/shared/streams';
import { HISTORY_KEYS, type HistoryRow } from './history.ts';
import type { ExecutorState, Intent, Trace } from './state.ts';

const ORDER_KEY = ['run', 'client_order_id'];
/** Orders in memory beyond those that are open: late fills of older ones are looked up. */
const ORDERS_KEPT = 200;

/** What changed since the last commit. */
export function executorRows(state: ExecutorState): readonly TableWrite[] {
  const { memory } = state;
  const writes = [
    memory.changed('execution.orders', ORDER_KEY, orderRows(state)),
    memory.changed('execution.symbol_states', ['run', 'symbol'], symbolRows(state)),
    memory.changed('execution.account_states', ['run'], [accountRow(state)]),
    memory.changed('execution.intents', ['run', 'id'], intentRows(state)),
    ...historyWrites(state),
  ];
  forgetSettled(state);
  return writes.filter((write) => write !== null);
}

/** What is over and stands in the tables need not be compared again. */
function forgetSettled({ desk, memory, scope, intents, traces }: ExecutorState): void {
  for (const [id, intent] of intents) {
    if (intent.state !== 'settled') continue;
    intents.delete(id);
    memory.forget('execution.intents', scope.run, id);
  }
  if (desk.orders.size <= ORDERS_KEPT) return;
  const before = [...desk.orders.keys()];
  forgetEnded(desk, ORDERS_KEPT);
  for (const id of before) {
    if (desk.orders.has(id)) continue;
    memory.forget('execution.orders', scope.run, id);
    traces.delete(id);
  }
}

function* orderRows(state: ExecutorState): Iterable<Readonly<Record<string, unknown>>> {
  for (const order of state.desk.orders.values())
    yield orderRow(state.scope.run, order, state.traces.get(order.clientOrderId));
}

export function orderRow(run: string, order: DeskOrder, trace: Trace | undefined) {
  return {
    run,
    client_order_id: order.clientOrderId,
    proposal_id: order.proposalId,
    cycle_id: order.cycleId,
    symbol: order.symbol,
    side: order.side,
    type: order.type,
    purpose: order.purpose,
    sequence: order.sequence,
    quantity: order.quantity,
    limit_price: order.limitPrice,
    trigger_price: order.triggerPrice,
    stop_distance: order.stopDistance,
    reference_price: order.referencePrice,
    flatten_id: order.flattenId,
    state_epoch: order.stateEpoch,
    expires_at: order.expiresAt,
    reason: order.reason,
    state: order.state,
    filled: text(order.filled),
    venue_order_id: order.venueOrderId,
    traceparent: trace?.traceparent ?? '',
    request_id: trace?.requestId ?? '',
  };
}

function* symbolRows(state: ExecutorState): Iterable<Readonly<Record<string, unknown>>> {
  for (const desk of state.desk.symbols) yield symbolRow(state, desk);
}

function symbolRow(state: ExecutorState, desk: SymbolDesk) {
  const { symbol } = desk.instrument;
  const { busy, protection } = desk;
  const book = state.trades.get(symbol);
  const ids = (orders: readonly DeskOrder[]) => orders.map((order) => order.clientOrderId);
  return {
    run: state.scope.run,
    symbol,
    held: text(desk.held),
    entry_quantity: text(protection.entryQuantity),
    entry_quote: text(protection.entryQuote),
    distance: protection.distance === null ? null : text(protection.distance),
    trigger: protection.trigger === null ? null : text(protection.trigger),
    stop: desk.stop?.clientOrderId ?? null,
    own_sequence: desk.ownSequence,
    entry_cycle_id: desk.entryCycleId,
    emergency: desk.emergency,
    unprotectable: desk.unprotectable,
    waiting: ids(desk.waiting),
    cancels: ids(desk.cancels),
    busy:
      busy === null
        ? null
        : {
            kind: busy.kind,
            order: busy.order.clientOrderId,
            cancel: busy.kind === 'replace' ? busy.cancel.clientOrderId : null,
          },
    last_trade_id: book?.last ?? 0,
    confirmed_trade_id: book?.confirmed ?? 0,
  };
}

function accountRow({ scope, account }: ExecutorState) {
  const balances = [...account.balances].map(([asset, total]) => [asset, text(total)]);
  return {
    run: scope.run,
    sequence: account.sequence,
    last_intent_id: account.lastIntentId,
    opened: account.opened,
    balances: Object.fromEntries(balances),
    market: account.market,
    bar_time: account.barTime,
    epoch: account.epoch,
    trading: account.trading,
    unconfirmed: account.unconfirmed,
  };
}

function* intentRows(state: ExecutorState): Iterable<Readonly<Record<string, unknown>>> {
  for (const intent of state.intents.values()) yield intentRow(state.scope.run, intent);
}

function intentRow(run: string, intent: Intent) {
  return {
    run,
    id: intent.id,
    symbol: intent.symbol,
    kind: intent.kind,
    client_order_id: intent.clientOrderId,
    cancel_client_order_id: intent.cancelClientOrderId,
    attempt: intent.attempt,
    request: intent.request,
    timestamp: intent.timestamp,
    recv_window_ms: intent.recvWindow,
    state: intent.state,
    outcome: intent.outcome,
  };
}

function historyWrites(state: ExecutorState): TableWrite[] {
  const byTable = new Map<HistoryRow['table'], Readonly<Record<string, unknown>>[]>();
  for (const { table, row } of state.appended) {
    const rows = byTable.get(table);
    if (rows === undefined) byTable.set(table, [row]);
    else rows.push(row);
  }
  state.appended.length = 0;
  return [...byTable].map(([table, rows]) => ({
    table: `execution.${table}`,
    key: HISTORY_KEYS[table],
    rows,
    mode: table === 'external_orders' ? 'upsert' : 'ignore',
  }));
}
