import { decimal } from '@fleet/domain/money';
import type { Queryable } from '@fleet/shared/postgres';
import { type OrderRow, storedOrderRow } from '../book/load.ts';
import type { ExecutorState } from '../book/state.ts';
import type { NamedOrder } from '../reports/book-order.ts';
import type { NamedTrade } from '../reports/book-trade.ts';
import type { Truth } from '../reports/truth.ts';
import type { ExecutionVenue, OrderFact, TradeFact } from '../venue/port.ts';

export interface TruthParts {
  readonly venue: Pick<ExecutionVenue, 'order' | 'tradesOfOrder'>;
  readonly db: Queryable;
  readonly run: string;
  readonly state: () => ExecutorState;
}

/** Finds out what the venue says of orders and trades, and whose they are. */
export class Truths {
  readonly #parts: TruthParts;

  constructor(parts: TruthParts) {
    this.#parts = parts;
  }

  /** Order and trades, or null when the venue has no such order. */
  async of(symbol: string, clientOrderId: string): Promise<Truth | null> {
    const fact = await this.#parts.venue.order(symbol, { clientOrderId });
    return fact === null ? null : this.withTrades(fact);
  }

  async withTrades(fact: OrderFact): Promise<Truth> {
    const stored = await this.stored(fact.clientOrderId);
    const trades = decimal(fact.executed).isZero()
      ? []
      : await this.#parts.venue.tradesOfOrder(fact.symbol, fact.venueOrderId);
    const { clientOrderId } = fact;
    return {
      order: { fact, stored },
      trades: trades.map((trade) => ({ fact: { ...trade, clientOrderId }, stored })),
    };
  }

  /** The order's row where memory has let the order go, or never had it. */
  async stored(clientOrderId: string): Promise<OrderRow | null> {
    if (this.#parts.state().desk.orders.has(clientOrderId)) return null;
    const row = await storedOrderRow(this.#parts.db, this.#parts.run, { clientOrderId });
    return row === null || row.state === 'PROPOSED' ? null : row;
  }

  async namedOrder(fact: OrderFact): Promise<NamedOrder> {
    return { fact, stored: await this.stored(fact.clientOrderId) };
  }

  /** A trade as REST shows it has the venue's order id alone: memory, the record, then the venue say whose it is. */
  async named(trade: TradeFact): Promise<NamedTrade> {
    const { symbol, venueOrderId } = trade;
    for (const order of this.#parts.state().desk.orders.values()) {
      if (order.venueOrderId === venueOrderId && order.symbol === symbol)
        return { fact: { ...trade, clientOrderId: order.clientOrderId }, stored: null };
    }
    const row = await storedOrderRow(this.#parts.db, this.#parts.run, { symbol, venueOrderId });
    if (row !== null) return { fact: { ...trade, clientOrderId: row.client_order_id }, stored: row };
    const order = await this.#parts.venue.order(symbol, { venueOrderId });
    const clientOrderId = order?.clientOrderId ?? `venue-order-${venueOrderId}`.slice(0, 36);
    return { fact: { ...trade, clientOrderId }, stored: await this.stored(clientOrderId) };
  }
}
