// One exchange's module by its file: the package's entry loads a hundred exchanges (486 against 96 ms of every
// start), its `exports` blocks the subpath, and a bundler follows a relative path like any other.
import Binance from '../../node_modules/ccxt/js/src/pro/binance.js';
import { type Addresses, assertHosts, onSimulator } from './addresses.ts';
import { VenueAnswerError } from './errors.ts';

export interface ClientOptions {
  /** Null for the real exchange. */
  readonly simulatorUrl: string | null;
  readonly apiKey: string;
  readonly secret: string;
  /** Bound on every request, milliseconds. */
  readonly requestMsMax: number;
}

type Message = (message: unknown) => void;

const PING_EVERY_MS = 15_000;
const ENDED = 'fleet:user-data-ended';

/** The part of a WebSocket client of the library that is used here. */
interface SocketClient {
  readonly url: string;
  future(name: string): Promise<unknown>;
  connection?: { terminate?(): void };
}

export interface Subscription {
  /** Rejects when the connection is over. */
  readonly ended: Promise<never>;
  readonly cut: () => void;
}

/**
 * The exchange client with raw endpoints and raw user data: errors keep status and code as the venue gave them (the
 * library's own classes call a plain 404 a network error), and amounts stay texts.
 */
export class OrderClient extends Binance {
  onExecution: Message = () => {};
  onBalanceUpdate: Message = () => {};

  override handleOrderUpdate(_client: unknown, message: unknown): void {
    this.onExecution(message);
  }

  override handleBalance(_client: unknown, message: unknown): void {
    const event = (message as { e?: unknown }).e;
    if (event === 'balanceUpdate') this.onBalanceUpdate(message);
  }

  override handleEventStreamTerminated(): void {
    this.cut();
  }

  override handleErrors(...answer: unknown[]): undefined {
    const [status, , , , , , body] = answer;
    const negative = Number((body as { code?: unknown } | null | undefined)?.code) < 0;
    if (Number(status) >= 400 || negative) throw new VenueAnswerError(Number(status), body);
    return undefined;
  }

  /** Subscribes to the user data over a new connection. Resolves when the venue has confirmed. */
  async subscribe(): Promise<Subscription> {
    await this.loadHttpProxyAgent();
    const url = this.userDataUrl();
    const connections = this.clients as Record<string, SocketClient>;
    const former = connections[url];
    delete connections[url];
    former?.connection?.terminate?.();
    const client = this.client(url) as SocketClient;
    const ended = client.future(ENDED) as Promise<never>;
    ended.catch(() => undefined);
    await this.ensureUserDataStreamWsSubscribeSignature('spot');
    return { ended, cut: () => client.connection?.terminate?.() };
  }

  /** The library forgets the connection of this address, whichever it is: a new one must not fall with the old. */
  override onClose(client: SocketClient, error: unknown): void {
    if ((this.clients as Record<string, SocketClient>)[client.url] === client)
      super.onClose(client as never, error as never);
  }

  /** Cuts open connections at once: a venue that is gone never answers the closing handshake. */
  cut(): void {
    for (const client of Object.values((this.clients ?? {}) as Record<string, SocketClient>))
      client.connection?.terminate?.();
  }

  /** A raw endpoint of the venue by the library's name for it. */
  call(endpoint: string, parameters: Readonly<Record<string, string | number>>): Promise<unknown> {
    const method: unknown = Reflect.get(this, endpoint);
    if (typeof method !== 'function') throw new TypeError(`the exchange client has no endpoint ${endpoint}`);
    return method.call(this, parameters) as Promise<unknown>;
  }

  private userDataUrl(): string {
    const api = this.urls['api'] as { ws: { 'ws-api': { spot: string } } };
    return api.ws['ws-api'].spot;
  }
}

/** @throws VENUE_HOST_REFUSED when an address is on another host than it is meant to. */
export function createOrderClient(options: ClientOptions): OrderClient {
  const { simulatorUrl } = options;
  const client = new OrderClient({
    apiKey: options.apiKey,
    secret: options.secret,
    timeout: options.requestMsMax,
    // The simulator counts no weights that a replay could reach, and a limiter's pauses would be a replay's time.
    enableRateLimit: simulatorUrl === null,
    streaming: { keepAlive: PING_EVERY_MS },
    options: {
      defaultType: 'spot',
      fetchMarkets: { types: ['spot'] },
      fetchMargins: false,
      fetchCurrencies: false,
      createMarketBuyOrderRequiresPrice: false,
      quoteOrderQty: false,
      warnOnFetchOpenOrdersWithoutSymbol: false,
      // Reconnecting is the session's: with a delay of its own the client would hide how often it tries.
      ws: { cost: 5, backoff: { base: 1, factor: 1, max: 1 } },
    },
    has: { fetchCurrencies: false },
  });
  if (simulatorUrl !== null) client.urls['api'] = onSimulator(client.urls['api'] as Addresses, simulatorUrl);
  assertHosts(client.urls['api'] as Addresses, simulatorUrl);
  return client;
}
