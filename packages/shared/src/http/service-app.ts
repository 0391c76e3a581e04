import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import helmet from 'helmet';
import type { AccessControl, AccessMetrics, Audit } from '../access/index.ts';
import { isFleetError } from '../errors/index.ts';
import type { Logger, Metrics } from '../telemetry/index.ts';
import { accessGuard } from './access-guard.ts';
import { adminGuard } from './admin-guard.ts';
import { jsonBody } from './body.ts';
import { COMMON_PATHS, mountCommonRoutes } from './common-routes.ts';
import type { Endpoint } from './endpoint.ts';
import type { IdempotencyStore } from './idempotency.ts';
import { observeRequest, routeOf } from './observe.ts';
import type { HealthReport, ReadyReport } from './probe.ts';
import { BadRequest, MethodNotAllowed, NotFound } from './problems.ts';
import { contextOf, openContext } from './request-context.ts';
import { sendProblem, serveEndpoint } from './serve-endpoint.ts';
import { type Listening, listen } from './server.ts';
import { assertWired } from './wiring.ts';

export interface ServiceAppOptions<Deps> {
  readonly service: string;
  readonly version: string;
  readonly description?: string;
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** One token, or the old and the new one while a rotation lasts. Without one every admin route refuses. */
  readonly adminToken?: string | readonly string[] | undefined;
  /** Admin calls a minute from one address; 60 when absent. */
  readonly adminCallsPerMinute?: number | undefined;
  readonly endpoints: readonly Endpoint<Deps>[];
  readonly deps: Deps;
  readonly health: () => Promise<HealthReport>;
  readonly ready: () => Promise<ReadyReport>;
  readonly status: () => Promise<object>;
  /** Mounts what is no endpoint (another protocol's handler), before body parsing and after the admin guard. */
  readonly rawRoutes?: ((app: Express) => void) | undefined;
  readonly audit?: Audit | undefined;
  /** Decides about every request instead of the admin token alone. */
  readonly access?: AccessControl | undefined;
  readonly decided?: AccessMetrics['decided'] | undefined;
  /** Needed as soon as one endpoint honours Idempotency-Key. */
  readonly idempotency?: IdempotencyStore | undefined;
  /** Shared with a listener of the caller's own (`listen`); the app's own when absent. */
  readonly closing?: AbortController | undefined;
  /** Express's `trust proxy`: addresses of the proxies whose X-Forwarded-For counts. None when absent. */
  readonly trustProxy?: readonly string[] | undefined;
}

export interface ServiceApp {
  readonly app: Express;
  /** Throws PORT_TAKEN or CANNOT_LISTEN. */
  readonly listen: () => Promise<Listening>;
}

/**
 * The HTTP side of a service: common routes, its endpoints, problem documents for everything that goes wrong.
 * Throws a TypeError when the wiring is incomplete (two endpoints at one address, no store for idempotency keys).
 */
export function createServiceApp<Deps>(options: ServiceAppOptions<Deps>): ServiceApp {
  assertWired(options);
  const closing = options.closing ?? new AbortController();
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  // One spelling an address: what the edge guards as /admin must not be reachable as /Admin.
  app.enable('case sensitive routing');
  app.enable('strict routing');
  app.set('trust proxy', options.trustProxy === undefined ? false : [...options.trustProxy]);
  mountPrelude(app, options, closing.signal);
  options.rawRoutes?.(app);
  mountCommonRoutes(app, { ...options, closing: closing.signal });
  mountEndpoints(app, options);
  mountRefusals(app, options);
  return { app, listen: () => listen(app, { ...options, closing }) };
}

function mountPrelude<Deps>(app: Express, options: ServiceAppOptions<Deps>, closing: AbortSignal): void {
  app.use((request, response, next) => {
    openContext(request, response, options.logger, closing);
    observeRequest(request, response, options.metrics);
    // A client that keeps its connection would hold the stop up.
    if (closing.aborted) response.setHeader('Connection', 'close');
    next();
  });
  app.use(
    helmet({
      contentSecurityPolicy: {
        useDefaults: false,
        directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
      },
    }),
  );
  app.use((_request, response, next) => {
    response.setHeader('Cache-Control', 'no-store');
    next();
  });
  const { access } = options;
  const limitPerMinute = options.adminCallsPerMinute;
  if (access === undefined) app.use('/admin', ...adminGuard({ ...options, limitPerMinute }));
  else app.use(...accessGuard({ ...options, access, limitPerMinute }));
}

function mountEndpoints<Deps>(app: Express, options: ServiceAppOptions<Deps>): void {
  for (const endpoint of options.endpoints) {
    const path = expressPath(endpoint.path);
    if (endpoint.kind === 'json') {
      app[endpoint.method](path, jsonBody, serveEndpoint(endpoint, options.deps, options.idempotency));
      continue;
    }
    app[endpoint.method](path, (request, response) =>
      endpoint.handle(options.deps, request, response, contextOf(request)),
    );
  }
}

/** After all routes: 405 for a known address, 404 for an unknown one, and every error as a problem document. */
function mountRefusals<Deps>(app: Express, options: ServiceAppOptions<Deps>): void {
  for (const [path, methods] of methodsByPath(options.endpoints)) {
    const allow = [...methods, 'OPTIONS'].join(', ');
    app.all(expressPath(path), (request, response) => {
      response.setHeader('Allow', allow);
      if (request.method !== 'OPTIONS')
        throw new MethodNotAllowed(`${request.method} is not one of ${allow}`);
      response.status(204).end();
    });
  }
  app.use(() => {
    throw new NotFound();
  });
  // Express knows an error handler by its four parameters.
  app.use((error: unknown, request: Request, response: Response, _next: NextFunction) => {
    answerError(error, request, response);
  });
}

function answerError(thrown: unknown, request: Request, response: Response): void {
  const { requestId, logger } = contextOf(request);
  const error = clientError(thrown) ?? thrown;
  const status = isFleetError(error) ? (error.status ?? 500) : 500;
  // 503 is what a start or a stand-by answers: the request's own line says it at level warn.
  const expected = status < 500 || status === 503;
  logger[expected ? 'debug' : 'error']({ err: error, route: routeOf(request) }, 'request refused');
  if (response.headersSent) {
    response.destroy(); // half an answer must not look like a whole one
    return;
  }
  sendProblem(response, error, requestId);
}

/** Errors of express itself about the request line, e.g. `%zz` in a path. */
function clientError(thrown: unknown): Error | undefined {
  if (isFleetError(thrown)) return undefined;
  const { status } = (thrown ?? {}) as { status?: unknown };
  return status === 400
    ? new BadRequest('the address or a header is malformed', { cause: thrown })
    : undefined;
}

function methodsByPath<Deps>(endpoints: readonly Endpoint<Deps>[]): Map<string, Set<string>> {
  const byPath = new Map<string, Set<string>>(COMMON_PATHS.map((path) => [path, new Set(['GET', 'HEAD'])]));
  for (const { path, method } of endpoints) {
    const methods = byPath.get(path) ?? new Set<string>();
    methods.add(method.toUpperCase());
    if (method === 'get') methods.add('HEAD');
    byPath.set(path, methods);
  }
  return byPath;
}

function expressPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1');
}
