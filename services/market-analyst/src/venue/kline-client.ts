// One exchange's module by its file: the package's entry loads a hundred exchanges (486 against 96 ms of every
// start), its `exports` blocks the subpath, and a bundler follows a relative path like any other.
import Binance from '../../node_modules/ccxt/js/src/pro/binance.js';
import { type Addresses, assertOnHost, onSimulator } from './addresses.ts';

const REQUEST_MS_MAX = 5_000;
const PING_EVERY_MS = 15_000;

type Message = (message: unknown) => void;

/**
 * The exchange client, reading klines raw: the client's own reading drops the closed flag and turns prices into
 * floating point numbers.
 */
export class KlineClient extends Binance {
  onKline: Message = () => {};
  onConfirmed: () => void = () => {};

  override handleOHLCV(_client: unknown, message: unknown): void {
    this.onKline(message);
  }

  override handleSubscriptionStatus(client: never, message: unknown): unknown {
    this.onConfirmed();
    return super.handleSubscriptionStatus(client, message);
  }

  /** Cuts open connections at once: a venue that is gone never answers the closing handshake. */
  cut(): void {
    const clients = Object.values(
      (this.clients ?? {}) as Record<string, { connection?: { terminate?(): void } }>,
    );
    for (const client of clients) client.connection?.terminate?.();
  }
}

/** A client of the simulator, or with null of the real exchange. Market data need no keys. */
export function createKlineClient(simulatorUrl: string | null): KlineClient {
  const client = new KlineClient({
    timeout: REQUEST_MS_MAX,
    enableRateLimit: true,
    // Reconnecting is the feed's: with a delay of its own the client would hide how often it tries.
    streaming: { keepAlive: PING_EVERY_MS },
    options: {
      defaultType: 'spot',
      fetchMarkets: { types: ['spot'] },
      fetchMargins: false,
      fetchCurrencies: false,
      warnOnFetchOpenOrdersWithoutSymbol: false,
      ws: { cost: 5, backoff: { base: 1, factor: 1, max: 1 } },
    },
    has: { fetchCurrencies: false },
  });
  if (simulatorUrl !== null) {
    client.urls['api'] = onSimulator(client.urls['api'] as Addresses, simulatorUrl);
    assertOnHost(client.urls['api'] as Addresses, simulatorUrl);
  }
  return client;
}
