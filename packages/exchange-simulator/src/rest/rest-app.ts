import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@fleet/shared/telemetry';
import express, { type ErrorRequestHandler, type Express, type Request, type Response } from 'express';
import type { Fault, Faults } from '../control/faults.ts';
import { BinanceError } from './binance-error.ts';
import type { ApiContext, Endpoint } from './endpoint.ts';
import { Parameters } from './parameters.ts';
import type { RequestWeight } from './request-weight.ts';
import { ROUTES } from './routes.ts';
import { type ApiKey, checkSigned } from './signature.ts';

export interface RestOptions {
  readonly context: ApiContext;
  readonly account: ApiKey;
  readonly weight: RequestWeight;
  readonly faults: Faults;
  readonly logger: Logger;
  /** What `GET /sim/run` answers. */
  readonly runInfo: () => unknown;
}

const BODY_BYTES_MAX = 64 * 1024;

/** The public HTTP side: Binance's REST API, `/sim/run` and `/health`. */
export function restApp(options: RestOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.get('/health', (_request, response) => void response.json({ status: 'up' }));
  app.get('/sim/run', (_request, response) => void response.json(options.runInfo()));
  app.use(express.text({ type: () => true, limit: BODY_BYTES_MAX }));
  for (const endpoint of ROUTES) {
    const method = endpoint.method.toLowerCase() as 'get' | 'post' | 'delete';
    app[method](endpoint.path, async (request, response) => answer(options, endpoint, request, response));
  }
  app.use((_request: Request, response: Response) => send(response, new BinanceError('UNSUPPORTED')));
  app.use(failure(options.logger));
  return app;
}

async function answer(
  options: RestOptions,
  endpoint: Endpoint,
  request: Request,
  response: Response,
): Promise<void> {
  const fault = options.faults.take(endpoint.method, endpoint.path);
  if (fault !== null && (await strikesBefore(fault, response))) return;
  const result = handled(options, endpoint, request, response);
  if (fault !== null && (await strikesAfter(fault, response))) return;
  if (result instanceof BinanceError) send(response, result);
  else response.json(result);
}

/** The answer's body, or the error that it is. Anything else that is thrown is a fault of the simulator. */
function handled(options: RestOptions, endpoint: Endpoint, request: Request, response: Response): unknown {
  const { context, account, weight } = options;
  const wallTime = context.wall();
  try {
    const used = weight.add(endpoint.weight, wallTime);
    response.set({ 'X-MBX-USED-WEIGHT': String(used), 'X-MBX-USED-WEIGHT-1M': String(used) });
    const query = rawQuery(request);
    const body = typeof request.body === 'string' ? request.body : '';
    const parameters = new Parameters(query, body);
    const key = request.get('X-MBX-APIKEY');
    if (endpoint.signed) checkSigned({ key, query, body }, parameters, account, wallTime);
    return endpoint.handle(parameters, context);
  } catch (error) {
    if (!(error instanceof BinanceError)) throw error;
    if (error.row === 'TOO_MANY_REQUESTS')
      response.set('Retry-After', String(weight.retryAfterSeconds(wallTime)));
    return error;
  }
}

async function strikesBefore({ kind, ms }: Fault, response: Response): Promise<boolean> {
  if (kind === 'http-503') {
    send(response, new BinanceError('SERVER_BUSY'));
    return true;
  }
  if (kind !== 'delay' && kind !== 'timeout') return false;
  await sleep(ms, undefined, { ref: false });
  if (kind === 'timeout') response.socket?.destroy();
  return kind === 'timeout';
}

async function strikesAfter({ kind, ms }: Fault, response: Response): Promise<boolean> {
  if (kind !== 'drop-answer' && kind !== 'order-accepted-no-answer') return false;
  if (kind === 'order-accepted-no-answer') await sleep(ms, undefined, { ref: false });
  response.socket?.destroy();
  return true;
}

function rawQuery(request: Request): string {
  const at = request.originalUrl.indexOf('?');
  return at < 0 ? '' : request.originalUrl.slice(at + 1);
}

function send(response: Response, error: BinanceError): void {
  response.status(error.status).json(error.body());
}

function failure(logger: Logger): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const status = (error as { status?: unknown }).status;
    if (typeof status === 'number' && status < 500) {
      response.status(status).json({ code: -1000, msg: `The request cannot be read (${status}).` });
      return;
    }
    logger.error({ err: error }, 'a request failed in the simulator');
    send(response, new BinanceError('UNKNOWN'));
  };
}
