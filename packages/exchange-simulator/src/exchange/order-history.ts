import type { VenueOrder, VenueTrade } from '@fleet/domain/matching';

export interface HistorySnapshot {
  readonly orders: readonly VenueOrder[];
  readonly trades: readonly VenueTrade[];
}

/** All orders and fills of a run, open and ended, for the queries. Orders are copies of the venue's last word. */
export class OrderHistory {
  private readonly ordersById = new Map<number, VenueOrder>();
  private readonly latestByClientId = new Map<string, number>();
  private readonly tradesBySymbol = new Map<string, VenueTrade[]>();

  constructor(snapshot: HistorySnapshot = { orders: [], trades: [] }) {
    for (const order of snapshot.orders) this.note(order);
    for (const trade of snapshot.trades) this.addTrade(trade);
  }

  note(order: Readonly<VenueOrder>): void {
    this.ordersById.set(order.orderId, { ...order });
    const key = clientKey(order.symbol, order.clientOrderId);
    const latest = this.latestByClientId.get(key) ?? 0;
    if (order.orderId > latest) this.latestByClientId.set(key, order.orderId);
  }

  addTrade(trade: VenueTrade): void {
    const trades = this.tradesBySymbol.get(trade.symbol);
    if (trades === undefined) this.tradesBySymbol.set(trade.symbol, [trade]);
    else trades.push(trade);
  }

  order(symbol: string, orderId: number): VenueOrder | undefined {
    const order = this.ordersById.get(orderId);
    return order?.symbol === symbol ? order : undefined;
  }

  /** A client order id may be used again once its order has ended: the newest order counts. */
  orderByClientId(symbol: string, clientOrderId: string): VenueOrder | undefined {
    const orderId = this.latestByClientId.get(clientKey(symbol, clientOrderId));
    return orderId === undefined ? undefined : this.ordersById.get(orderId);
  }

  /** Ascending by order id. */
  orders(symbol: string): VenueOrder[] {
    return [...this.ordersById.values()].filter((order) => order.symbol === symbol);
  }

  /** Ascending by trade id; a symbol's ids are 1, 2, 3 … */
  trades(symbol: string): readonly VenueTrade[] {
    return this.tradesBySymbol.get(symbol) ?? [];
  }

  counts(): { readonly orders: number; readonly trades: number } {
    const trades = [...this.tradesBySymbol.values()].reduce((sum, list) => sum + list.length, 0);
    return { orders: this.ordersById.size, trades };
  }

  snapshot(): HistorySnapshot {
    return { orders: [...this.ordersById.values()], trades: [...this.tradesBySymbol.values()].flat() };
  }
}

function clientKey(symbol: string, clientOrderId: string): string {
  return `${symbol} ${clientOrderId}`;
}
