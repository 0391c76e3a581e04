import type { RequestListener } from 'node:http';
import type { AccessControl, AccessMetrics } from '../access/index.ts';
import {
  type Audit,
  createServiceApp,
  type DependencyHealth,
  type Endpoint,
  type IdempotencyStore,
  type Listening,
  listen,
  NotReady,
  type ReadyReport,
  type ServiceAppOptions,
} from '../http/index.ts';
import type { Logger, Metrics } from '../telemetry/index.ts';
import type { ServiceIdentity } from './identity.ts';

export interface FrontOptions {
  readonly identity: ServiceIdentity;
  readonly host: string;
  readonly port: number;
  readonly adminToken: string | undefined;
  /** Where it is given, it decides instead of the admin token alone. */
  readonly access: AccessControl | undefined;
  readonly decided: AccessMetrics['decided'];
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly health: () => Promise<readonly DependencyHealth[]>;
  readonly ready: () => Promise<ReadyReport>;
  readonly status: () => Promise<object>;
}

export interface FrontRoutes<Deps> {
  readonly endpoints: readonly Endpoint<Deps>[];
  readonly deps: Deps;
  readonly idempotency?: IdempotencyStore;
  readonly audit?: Audit | undefined;
  readonly rawRoutes?: ServiceAppOptions<Deps>['rawRoutes'];
}

const COMMON = new Set(['/health', '/ready', '/metrics', '/status']);

/**
 * The listener of a service. It is opened first of all, so that health, metrics and the reason for not being ready
 * can be asked while the stores are still away; the service's own routes answer 503 until `serve` puts them in.
 */
export class ServiceFront {
  readonly #options: FrontOptions;
  readonly #closing = new AbortController();
  #handler: RequestListener;
  #listening: Listening | undefined;

  constructor(options: FrontOptions) {
    this.#options = options;
    this.#handler = this.#app({
      endpoints: [],
      deps: undefined,
      rawRoutes: (app) =>
        app.use((request, _response, next) => {
          next(COMMON.has(request.path) ? undefined : new NotReady('the service is starting'));
        }),
    });
  }

  async open(): Promise<void> {
    const { host, port } = this.#options;
    const hand: RequestListener = (request, response) => this.#handler(request, response);
    this.#listening = await listen(hand, { host, port, closing: this.#closing });
  }

  /** The port in use. */
  get port(): number {
    if (this.#listening === undefined) throw new Error('the front was not opened');
    return this.#listening.port;
  }

  serve<Deps>(routes: FrontRoutes<Deps>): void {
    this.#handler = this.#app(routes);
  }

  /** Answers 503 to readiness, lets requests in hand end, then closes. Repeated calls do nothing more. */
  async close(): Promise<void> {
    await this.#listening?.close();
  }

  #app<Deps>(routes: FrontRoutes<Deps>): RequestListener {
    const { identity, health, ...options } = this.#options;
    return createServiceApp<Deps>({
      ...options,
      ...routes,
      service: identity.name,
      version: identity.version,
      description: identity.description,
      health: async () => ({ dependencies: await health() }),
      closing: this.#closing,
    }).app;
  }
}
