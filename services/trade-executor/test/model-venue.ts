import { setTimeout as sleep } from 'node:timers/promises';
import {
  createSimulatedVenue,
  type VenueEvent,
  type VenueOrder,
  type VenueTrade,
} from '@fleet/domain/matching';
import { decimal, text } from '@fleet/domain/money';
import { VenueUnavailable } from '../src/venue/errors.ts';
import type {
  Answer,
  ExecutionVenue,
  Following,
  OrderFact,
  TradeFact,
  VenueReport,
  VenueRequest,
} from '../src/venue/port.ts';
import { FROM, INSTRUMENTS, MINUTE, VENUE } from './script.ts';

/** What happens to a request: the answer or the request itself is lost, or the request arrives late. */
export type CallFate = 'works' | 'answer-lost' | 'request-lost' | 'late';
export type QueryFate = 'works' | 'fails';
export type MessageFate = 'works' | 'lost' | 'twice' | 'cuts';

export interface Fates {
  readonly call: () => CallFate;
  readonly query: () => QueryFate;
  readonly message: () => MessageFate;
}

const LATE_MS = 12;
const STATUSES = {
  NEW: 'open',
  PARTIALLY_FILLED: 'open',
  FILLED: 'filled',
  CANCELED: 'canceled',
  EXPIRED: 'expired',
} as const;

/** A venue that keeps its own word and loses that of others: it refuses an id only while its order is open. */
export class ModelVenue implements ExecutionVenue {
  readonly name = 'model';
  readonly #fates: Fates;
  readonly #venue = createSimulatedVenue(
    { ...VENUE, instruments: INSTRUMENTS },
    { balances: { BTC: '0', ETH: '0', ...VENUE.startBalances } },
  );
  readonly #orders = new Map<number, VenueOrder>();
  readonly allTrades: VenueTrade[] = [];
  /** How often an order came to stand under a client order id. */
  readonly placements = new Map<string, number>();
  #listener: ((report: VenueReport) => void) | null = null;
  #cut: ((error: Error) => void) | null = null;
  #executionId = 0;
  #bar = 0;

  constructor(fates: Fates) {
    this.#fates = fates;
    this.#venue.close(this.#bars(100));
  }

  /** One bar: what rests matches, then the close. */
  move(price: number, low: number): void {
    this.#bar += 1;
    const bars = this.#bars(price, low);
    this.#publish(this.#venue.open(bars));
    this.#publish(this.#venue.path(bars, MINUTE));
    this.#venue.close(bars);
  }

  get openTime(): number {
    return FROM + this.#bar * MINUTE;
  }

  total(asset: string): string {
    const { free, locked } = this.#venue.balances()[asset] ?? { free: '0', locked: '0' };
    return text(decimal(free).add(locked));
  }

  openIds(): string[] {
    return this.#venue.openOrders().map(({ clientOrderId }) => clientOrderId);
  }

  place(request: VenueRequest): Promise<Answer> {
    return this.#call(request, () => {
      const result = this.#venue.place(requestOf(request), this.#now());
      if ('refusal' in result) return { kind: 'rejected', code: result.refusal, reason: result.refusal };
      this.#placed(result.order);
      return { kind: 'done', order: this.#fact(result.order), canceled: null };
    });
  }

  cancel(request: VenueRequest): Promise<Answer> {
    return this.#call(request, () => {
      const id = String(request['origClientOrderId']);
      const result = this.#venue.cancel(String(request['symbol']), id, this.#now());
      if ('refusal' in result) return { kind: 'rejected', code: result.refusal, reason: result.refusal };
      this.#note(result.order);
      return { kind: 'done', order: this.#fact(result.order), canceled: null };
    });
  }

  replace(request: VenueRequest): Promise<Answer> {
    return this.#call(request, () => {
      const former = String(request['cancelOrigClientOrderId']);
      const { cancel, place } = this.#venue.cancelReplace(former, requestOf(request), this.#now());
      if ('refusal' in cancel) return { kind: 'cancel-failed', code: cancel.refusal, reason: cancel.refusal };
      this.#note(cancel.order);
      const canceled = this.#fact(cancel.order);
      if (place === null || 'refusal' in place) {
        const code = place?.refusal ?? 'NONE';
        return { kind: 'place-failed', canceled, code, reason: code, untimely: false };
      }
      this.#placed(place.order);
      return { kind: 'done', order: this.#fact(place.order), canceled };
    });
  }

  async #call(request: VenueRequest, act: () => Answer): Promise<Answer> {
    const fate = this.#fates.call();
    await sleep(0);
    if (fate === 'request-lost') return { kind: 'ambiguous', reason: 'request lost' };
    if (fate === 'late') {
      // On its way while the sender has given up waiting.
      setTimeout(() => this.#inTime(request) && act(), LATE_MS);
      return { kind: 'ambiguous', reason: 'no answer in time' };
    }
    if (!this.#inTime(request))
      return { kind: 'untimely', code: 'VENUE_1021', reason: 'outside of the window' };
    const answer = act();
    // What stands under the id may be an earlier request of ours.
    const duplicate = answer.kind === 'rejected' && answer.code === 'DUPLICATE_ORDER';
    return fate === 'answer-lost' || duplicate ? { kind: 'ambiguous', reason: 'answer lost' } : answer;
  }

  #inTime(request: VenueRequest): boolean {
    return Date.now() <= Number(request['timestamp']) + Number(request['recvWindow']);
  }

  async order(
    symbol: string,
    by: { readonly clientOrderId: string } | { readonly venueOrderId: string },
  ): Promise<OrderFact | null> {
    await this.#query();
    const orders = [...this.#orders.values()].filter((order) => order.symbol === symbol);
    const found =
      'clientOrderId' in by
        ? orders.filter((order) => order.clientOrderId === by.clientOrderId).at(-1)
        : orders.find((order) => String(order.orderId) === by.venueOrderId);
    return found === undefined ? null : this.#fact(found);
  }

  async openOrders(symbol: string): Promise<readonly OrderFact[]> {
    await this.#query();
    return this.#venue.openOrders(symbol).map((order) => this.#fact(order));
  }

  async trades(symbol: string, fromId: number): Promise<readonly TradeFact[]> {
    await this.#query();
    return this.#tradesOf(symbol).filter(({ tradeId }) => tradeId >= fromId);
  }

  async tradesOfOrder(symbol: string, venueOrderId: string): Promise<readonly TradeFact[]> {
    await this.#query();
    return this.#tradesOf(symbol).filter((trade) => trade.venueOrderId === venueOrderId);
  }

  async newestTradeId(symbol: string): Promise<number> {
    await this.#query();
    return this.#tradesOf(symbol).at(-1)?.tradeId ?? 0;
  }

  async balances() {
    await this.#query();
    return { balances: structuredClone(this.#venue.balances()), time: this.#now() };
  }

  async lastBar() {
    return null;
  }

  async clockAhead(): Promise<number> {
    return 0;
  }

  async follow(onReport: (report: VenueReport) => void): Promise<Following> {
    await this.#query();
    const { promise: ended, reject } = Promise.withResolvers<never>();
    ended.catch(() => undefined);
    this.#listener = onReport;
    this.#cut = reject;
    return { ended, stop: () => reject(new Error('stopped')) };
  }

  async close(): Promise<void> {}

  async #query(): Promise<void> {
    await sleep(0);
    if (this.#fates.query() === 'fails') throw new VenueUnavailable('the query failed');
  }

  #placed(order: Readonly<VenueOrder>): void {
    this.placements.set(order.clientOrderId, (this.placements.get(order.clientOrderId) ?? 0) + 1);
    this.#note(order);
  }

  #note(order: Readonly<VenueOrder>): void {
    this.#orders.set(order.orderId, { ...order });
    this.#executionId += 1;
    this.#say({ kind: 'order', fact: this.#fact(order), executionId: String(this.#executionId) });
  }

  #publish(events: readonly VenueEvent[]): void {
    for (const event of events) {
      this.#orders.set(event.order.orderId, { ...event.order });
      if (event.kind === 'ended') {
        this.#note(event.order);
        continue;
      }
      this.allTrades.push(event.trade);
      const { clientOrderId } = event.trade;
      const fact = { ...tradeFactOf(event.trade), clientOrderId };
      this.#say({ kind: 'trade', fact, executed: text(event.order.executedQuantity) });
    }
  }

  #say(report: VenueReport): void {
    const fate = this.#fates.message();
    if (fate === 'lost') return;
    if (fate === 'cuts') {
      this.#listener = null;
      this.#cut?.(new Error('cut'));
      return;
    }
    for (let times = fate === 'twice' ? 2 : 1; times > 0; times -= 1) {
      const listener = this.#listener;
      setTimeout(() => listener?.(report), 0);
    }
  }

  #fact(order: Readonly<VenueOrder>): OrderFact {
    return {
      symbol: order.symbol,
      clientOrderId: order.clientOrderId,
      venueOrderId: String(order.orderId),
      side: order.side,
      type: order.type,
      status: STATUSES[order.status],
      quantity: text(order.quantity),
      executed: text(order.executedQuantity),
      time: order.updatedAt,
    };
  }

  #tradesOf(symbol: string): TradeFact[] {
    return this.allTrades.filter((trade) => trade.symbol === symbol).map(tradeFactOf);
  }

  #now(): number {
    return this.openTime + MINUTE;
  }

  #bars(price: number, low = price) {
    return INSTRUMENTS.map(({ symbol }) => ({
      ...{ symbol, openTime: this.openTime, open: price, high: price, close: price },
      low: Math.min(low, price),
    }));
  }
}

function tradeFactOf(trade: VenueTrade): TradeFact {
  const { symbol, tradeId, side, price, quantity, quoteQuantity, fee, feeAsset, maker, time } = trade;
  const venueOrderId = String(trade.orderId);
  return {
    ...{ symbol, tradeId, side, price, quantity, quoteQuantity, fee, feeAsset, maker, time, venueOrderId },
    clientOrderId: null,
  };
}

function requestOf(request: VenueRequest) {
  const value = (name: string) => (request[name] === undefined ? null : String(request[name]));
  return {
    clientOrderId: value('newClientOrderId') ?? '',
    symbol: value('symbol') ?? '',
    side: value('side') === 'BUY' ? ('buy' as const) : ('sell' as const),
    type: value('type') as 'MARKET' | 'LIMIT' | 'STOP_LOSS',
    quantity: value('quantity') ?? '0',
    price: value('price'),
    stopPrice: value('stopPrice'),
  };
}
