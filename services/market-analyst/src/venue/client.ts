import type { ExactBar } from '../bar-set/decide.ts';
import { MarketDataUnreadable, SymbolNotAtVenue, venueError } from './errors.ts';
import { createKlineClient, type KlineClient } from './kline-client.ts';
import { barOfMessage, barOfRow } from './map.ts';
import { type BarVenue, type Following, KLINES_MAX, type KlineRange } from './port.ts';
import { klineMessageSchema, klineRowsSchema } from './schema.ts';

export interface VenueOptions {
  /** Null for the real exchange. */
  readonly simulatorUrl: string | null;
  readonly symbols: readonly string[];
  /** The venue's own name of the interval, e.g. `1m`. */
  readonly interval: string;
  readonly intervalMs: number;
}

const CONFIRM_MS_MAX = 5_000;

/** Bars over ccxt: the REST API for what is past, the kline stream for what comes. */
export function createVenue(options: VenueOptions): BarVenue {
  return new CcxtVenue(options);
}

class CcxtVenue implements BarVenue {
  readonly name: string;
  readonly #options: VenueOptions;
  readonly #client: KlineClient;
  /** The venue's id of a symbol to the name that the client has for it. */
  #names = new Map<string, string>();

  constructor(options: VenueOptions) {
    this.#options = options;
    this.#client = createKlineClient(options.simulatorUrl);
    this.name = options.simulatorUrl === null ? 'binance' : 'simulator';
  }

  async open(): Promise<void> {
    const markets = await asked(async () => {
      await this.#client.loadHttpProxyAgent();
      return this.#client.loadMarkets(true);
    });
    this.#names = new Map(
      Object.values(markets).flatMap((market) =>
        market?.spot === true ? [[String(market.id), String(market.symbol)] as const] : [],
      ),
    );
    const absent = this.#options.symbols.filter((symbol) => !this.#names.has(symbol));
    if (absent.length > 0) throw new SymbolNotAtVenue(`the venue does not trade ${absent.join(', ')}`);
  }

  async follow(onBar: (bar: ExactBar) => void): Promise<Following> {
    const { promise: confirmed, resolve, reject } = Promise.withResolvers<void>();
    const { promise: failed, reject: fail } = Promise.withResolvers<never>();
    this.#client.onConfirmed = resolve;
    this.#client.onKline = (message) => this.#read(message, onBar, fail);
    const pairs = this.#options.symbols.map((symbol) => [this.#nameOf(symbol), this.#options.interval]);
    const watched = asked(() => this.#client.watchOHLCVForSymbols(pairs));
    // It settles only by failing: nobody resolves the client's own futures.
    watched.catch(fail);
    const ended = failed;
    ended.catch(reject);
    const timer = setTimeout(
      () => fail(new MarketDataUnreadable('subscription not confirmed')),
      CONFIRM_MS_MAX,
    );
    try {
      await confirmed;
    } catch (error) {
      this.#client.cut();
      throw error;
    } finally {
      clearTimeout(timer);
    }
    return { ended, stop: async () => this.#client.cut() };
  }

  #read(message: unknown, onBar: (bar: ExactBar) => void, fail: (error: Error) => void): void {
    const parsed = klineMessageSchema.safeParse(message);
    if (!parsed.success) {
      // The bars that it may have held are fetched over REST after the reconnect.
      fail(new MarketDataUnreadable(`kline message: ${firstIssue(parsed.error.issues)}`));
      this.#client.cut();
      return;
    }
    if (parsed.data.k.i !== this.#options.interval) return;
    const bar = barOfMessage(parsed.data);
    if (bar !== null) onBar(bar);
  }

  async klines({ symbol, from, to, limit = KLINES_MAX }: KlineRange): Promise<readonly ExactBar[]> {
    const rows = await asked(() =>
      this.#client.publicGetKlines({
        symbol,
        interval: this.#options.interval,
        limit,
        ...(from === undefined ? {} : { startTime: from }),
        ...(to === undefined ? {} : { endTime: to }),
      }),
    );
    const parsed = klineRowsSchema.safeParse(rows);
    if (!parsed.success)
      throw new MarketDataUnreadable(`klines of ${symbol}: ${firstIssue(parsed.error.issues)}`);
    const now = await this.#closedBefore();
    return parsed.data.filter((row) => row[6] < now).map((row) => barOfRow(symbol, row));
  }

  async lastClosed(): Promise<number | null> {
    if (this.#options.simulatorUrl === null) {
      const { intervalMs } = this.#options;
      return Math.floor((await this.#closedBefore()) / intervalMs) * intervalMs - intervalMs;
    }
    const latest = await Promise.all(
      this.#options.symbols.map(async (symbol) => (await this.klines({ symbol, limit: 1 })).at(-1)?.openTime),
    );
    const known = latest.filter((openTime) => openTime !== undefined);
    return known.length === 0 ? null : Math.max(...known);
  }

  /** The simulator lives in the past of its clock and shows closed bars alone; a real venue also the open one. */
  async #closedBefore(): Promise<number> {
    if (this.#options.simulatorUrl !== null) return Number.POSITIVE_INFINITY;
    return asked(async () => Number(await this.#client.fetchTime()));
  }

  async close(): Promise<void> {
    this.#client.cut();
    await this.#client.close().catch(() => undefined);
  }

  #nameOf(symbol: string): string {
    const name = this.#names.get(symbol);
    if (name === undefined) throw new SymbolNotAtVenue(`${symbol}: markets are not loaded`);
    return name;
  }
}

async function asked<Value>(call: () => Promise<Value>): Promise<Value> {
  try {
    return await call();
  } catch (error) {
    throw venueError(error);
  }
}

function firstIssue(
  issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[],
): string {
  const [issue] = issues;
  return `${issue?.path.map(String).join('.') || '(root)'}: ${issue?.message ?? 'unreadable'}`;
}
