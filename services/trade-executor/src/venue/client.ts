import type { z } from 'zod';
import { replaceAnswer, requestAnswer } from './answer.ts';
import { queryError, VenueAnswerError, VenueUnreadable } from './errors.ts';
import { canceledFact, cashOf, executionOf, orderFact, tradeFact } from './map.ts';
import { type ClientOptions, createOrderClient, type OrderClient } from './order-client.ts';
import {
  type Answer,
  type Balances,
  type ExecutionVenue,
  type Following,
  type LastBar,
  type OrderFact,
  TRADES_MAX,
  type TradeFact,
  type VenueReport,
  type VenueRequest,
} from './port.ts';
import { assertSendable } from './request.ts';
import {
  accountSchema,
  balanceUpdateSchema,
  canceledSchema,
  executionReportSchema,
  klinesSchema,
  orderSchema,
  ordersSchema,
  serverTimeSchema,
  tradesSchema,
} from './schema.ts';

export interface VenueOptions extends ClientOptions {
  /** The venue's own name of the interval, e.g. `1m`. */
  readonly interval: string;
  readonly wall: () => number;
}

const CONFIRM_MS_MAX = 5_000;
const NO_SUCH_ORDER = -2013;

/** Orders over ccxt: its signing and its connections, the venue's own endpoints and words. */
export function createVenue(options: VenueOptions): ExecutionVenue {
  return new CcxtVenue(options);
}

class CcxtVenue implements ExecutionVenue {
  readonly name: string;
  readonly #options: VenueOptions;
  readonly #client: OrderClient;

  constructor(options: VenueOptions) {
    this.#options = options;
    this.#client = createOrderClient(options);
    this.name = options.simulatorUrl === null ? 'binance' : 'simulator';
  }

  place(request: VenueRequest): Promise<Answer> {
    return this.#send('privatePostOrder', request, (body) => ({
      ...{ kind: 'done', canceled: null },
      order: orderFact(orderSchema.parse(body)),
    }));
  }

  cancel(request: VenueRequest): Promise<Answer> {
    return this.#send('privateDeleteOrder', request, (body) => ({
      ...{ kind: 'done', canceled: null },
      order: canceledFact(canceledSchema.parse(body)),
    }));
  }

  async replace(request: VenueRequest): Promise<Answer> {
    assertSendable(request);
    return replaceAnswer(() => this.#client.call('privatePostOrderCancelReplace', request));
  }

  async #send(endpoint: string, request: VenueRequest, read: (body: unknown) => Answer): Promise<Answer> {
    assertSendable(request);
    return requestAnswer(async () => read(await this.#client.call(endpoint, request)));
  }

  async order(
    symbol: string,
    by: { readonly clientOrderId: string } | { readonly venueOrderId: string },
  ): Promise<OrderFact | null> {
    const which =
      'clientOrderId' in by ? { origClientOrderId: by.clientOrderId } : { orderId: by.venueOrderId };
    try {
      return orderFact(read(orderSchema, await this.#client.call('privateGetOrder', { symbol, ...which })));
    } catch (error) {
      if (error instanceof VenueAnswerError && error.venueCode === NO_SUCH_ORDER) return null;
      throw queryError(error);
    }
  }

  async openOrders(symbol: string): Promise<readonly OrderFact[]> {
    return (await this.#ask('privateGetOpenOrders', { symbol }, ordersSchema)).map(orderFact);
  }

  async trades(symbol: string, fromId: number): Promise<readonly TradeFact[]> {
    const rows = await this.#ask('privateGetMyTrades', { symbol, fromId, limit: TRADES_MAX }, tradesSchema);
    return rows.map(tradeFact).sort((left, right) => left.tradeId - right.tradeId);
  }

  async tradesOfOrder(symbol: string, venueOrderId: string): Promise<readonly TradeFact[]> {
    const rows = await this.#ask('privateGetMyTrades', { symbol, orderId: venueOrderId }, tradesSchema);
    return rows.map(tradeFact).sort((left, right) => left.tradeId - right.tradeId);
  }

  async newestTradeId(symbol: string): Promise<number> {
    const rows = await this.#ask('privateGetMyTrades', { symbol, limit: 1 }, tradesSchema);
    return rows.reduce((newest, { id }) => Math.max(newest, id), 0);
  }

  async balances(): Promise<Balances> {
    const account = await this.#ask('privateGetAccount', {}, accountSchema);
    const balances = Object.fromEntries(
      account.balances.map(({ asset, free, locked }) => [asset, { free, locked }]),
    );
    return { balances, time: account.updateTime };
  }

  async lastBar(symbol: string): Promise<LastBar | null> {
    const { interval, simulatorUrl, wall } = this.#options;
    const rows = await this.#ask('publicGetKlines', { symbol, interval, limit: 2 }, klinesSchema);
    // A real venue also shows the bar that is open; the simulator lives in the past and shows closed ones alone.
    const closed = simulatorUrl === null ? rows.filter((row) => row[6] < wall()) : rows;
    const last = closed.at(-1);
    return last === undefined ? null : { openTime: last[0], close: last[4] };
  }

  async clockAhead(): Promise<number> {
    const { wall } = this.#options;
    const asked = wall();
    const { serverTime } = await this.#ask('publicGetTime', {}, serverTimeSchema);
    return serverTime - (asked + wall()) / 2;
  }

  async follow(onReport: (report: VenueReport) => void): Promise<Following> {
    const client = this.#client;
    client.onExecution = (message) =>
      this.#hear(() => executionOf(read(executionReportSchema, message)), onReport);
    client.onBalanceUpdate = (message) =>
      this.#hear(() => cashOf(read(balanceUpdateSchema, message)), onReport);
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(new VenueUnreadable('user data not confirmed')), CONFIRM_MS_MAX);
    try {
      const { ended, cut } = await Promise.race([client.subscribe(), late]);
      return { ended: asQueryError(ended), stop: cut };
    } catch (error) {
      client.cut();
      throw queryError(error);
    } finally {
      clearTimeout(timer);
    }
  }

  #hear(message: () => VenueReport | null, onReport: (report: VenueReport) => void): void {
    let report: VenueReport | null;
    try {
      report = message();
    } catch {
      // What it may have said is fetched over REST after the reconnect.
      this.#client.cut();
      return;
    }
    if (report !== null) onReport(report);
  }

  async #ask<Schema extends z.ZodType>(
    endpoint: string,
    parameters: VenueRequest,
    schema: Schema,
  ): Promise<z.output<Schema>> {
    try {
      return read(schema, await this.#client.call(endpoint, parameters));
    } catch (error) {
      throw queryError(error);
    }
  }

  async close(): Promise<void> {
    this.#client.cut();
    await this.#client.close().catch(() => undefined);
  }
}

function asQueryError(ended: Promise<never>): Promise<never> {
  const safe = ended.catch((error: unknown) => {
    throw queryError(error);
  });
  safe.catch(() => undefined);
  return safe;
}

function read<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new VenueUnreadable(`${issue?.path.map(String).join('.') || '(root)'}: ${issue?.message}`);
}
