/** A row that is written once: of a fill, an event of an order, a reconciliation, another's order, a manual proposal, its denial. */
export interface HistoryRow {
  readonly table: 'fills' | 'order_events' | 'reconciliations' | 'external_orders' | 'orders' | 'denials';
  readonly row: Readonly<Record<string, unknown>>;
}

/** Keys by which a repeated row is the same row. */
export const HISTORY_KEYS: Readonly<Record<HistoryRow['table'], readonly string[]>> = {
  fills: ['run', 'symbol', 'trade_id'],
  order_events: ['run', 'sequence'],
  reconciliations: ['run', 'sequence'],
  external_orders: ['run', 'symbol', 'venue_order_id'],
  orders: ['run', 'client_order_id'],
  denials: ['run', 'client_order_id'],
};
