import { decimal } from '@fleet/domain/money';
import { type ExecutorState, openIntentOf, standsAtVenue } from '../book/state.ts';
import { isBooked } from '../reports/book-trade.ts';
import { type ExecutionVenue, type OrderFact, TRADES_MAX, type TradeFact } from '../venue/port.ts';
import type { Submitter } from './submitter.ts';
import type { Truths } from './truths.ts';

export interface SyncParts {
  readonly venue: ExecutionVenue;
  readonly submitter: Submitter;
  readonly truths: Truths;
  readonly live: boolean;
  readonly visibilityMs: number;
  readonly wall: () => number;
  /** A name that no other input has. */
  readonly unique: () => string;
}

/**
 * REST as the fallback of the user data stream: trades since the last confirmed one are booked, and orders that we
 * take for open and the venue does not are asked for. What a message has brought already changes nothing.
 */
export class Sync {
  readonly #parts: SyncParts;
  #running: Promise<unknown> = Promise.resolve();
  /** Others' orders as they were last told. */
  readonly #told = new Map<string, string>();

  constructor(parts: SyncParts) {
    this.#parts = parts;
  }

  /** One at a time: two would only find the same. */
  run(symbols: readonly string[]): Promise<void> {
    const next = this.#running.then(async () => {
      for (const symbol of symbols) await this.#symbol(symbol);
    });
    this.#running = next.catch(() => undefined);
    return next;
  }

  async #symbol(symbol: string): Promise<void> {
    this.#parts.submitter.signal.throwIfAborted();
    await this.#trades(symbol);
    await this.#orders(symbol);
  }

  async #trades(symbol: string): Promise<void> {
    const { venue, submitter } = this.#parts;
    let from = (submitter.state.trades.get(symbol)?.confirmed ?? 0) + 1;
    for (;;) {
      const page = await venue.trades(symbol, from);
      await this.#book(symbol, page);
      const last = page.at(-1);
      if (last === undefined || page.length < TRADES_MAX) return;
      from = last.tradeId + 1;
    }
  }

  async #book(symbol: string, page: readonly TradeFact[]): Promise<void> {
    const { submitter, truths, unique } = this.#parts;
    const confirmed = this.#confirmedBy(page);
    const known = submitter.state.trades.get(symbol)?.confirmed ?? 0;
    const missing = page.filter((trade) => !isBooked(submitter.state, trade));
    if (missing.length === 0 && confirmed <= known) return;
    const trades = [];
    for (const trade of missing) trades.push(await truths.named(trade));
    const time = page.at(-1)?.time ?? 0;
    const data = { symbol, trades, confirmed: Math.max(confirmed, known) };
    await submitter.submit('venue.trades', data, { key: symbol, time, natural: unique(), fresh: true });
  }

  /** A real venue may show a trade after one with a higher id: only what is older than that counts as complete. */
  #confirmedBy(page: readonly TradeFact[]): number {
    const { live, visibilityMs, wall } = this.#parts;
    const settledBefore = live ? wall() - visibilityMs : Number.POSITIVE_INFINITY;
    let confirmed = 0;
    for (const { tradeId, time } of page) {
      if (time > settledBefore) break;
      confirmed = tradeId;
    }
    return confirmed;
  }

  async #orders(symbol: string): Promise<void> {
    const { venue, submitter, truths } = this.#parts;
    const ours = [...submitter.state.desk.orders.values()]
      .filter((order) => order.symbol === symbol && standsAtVenue(order))
      .map(({ clientOrderId }) => clientOrderId);
    const open = new Map((await venue.openOrders(symbol)).map((fact) => [fact.clientOrderId, fact]));
    for (const clientOrderId of ours) {
      const fact = open.get(clientOrderId);
      if (fact !== undefined && !isBehind(submitter.state, fact)) continue;
      const truth = await truths.of(symbol, clientOrderId);
      if (truth !== null) await this.#submitTruth(symbol, truth);
    }
    for (const fact of open.values()) {
      if (openIntentOf(submitter.state, symbol) !== null) return;
      if (submitter.state.desk.orders.has(fact.clientOrderId) || !this.#isNews(fact)) continue;
      await this.#submitTruth(symbol, await truths.withTrades(fact));
    }
  }

  #isNews({ venueOrderId, status, executed }: OrderFact): boolean {
    const now = `${status} ${executed}`;
    if (this.#told.get(venueOrderId) === now) return false;
    this.#told.set(venueOrderId, now);
    return true;
  }

  async #submitTruth(symbol: string, truth: Awaited<ReturnType<Truths['withTrades']>>): Promise<void> {
    const { submitter, unique } = this.#parts;
    const time = truth.order?.fact.time ?? 0;
    await submitter.submit('venue.truth', truth, { key: symbol, time, natural: unique(), fresh: true });
  }
}

function isBehind(state: ExecutorState, fact: OrderFact): boolean {
  const order = state.desk.orders.get(fact.clientOrderId);
  return order !== undefined && decimal(fact.executed).gt(order.filled);
}
