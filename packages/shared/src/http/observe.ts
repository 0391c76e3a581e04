import type { Request, Response } from 'express';
import type { HttpArea, HttpOutcome, Metrics } from '../telemetry/index.ts';
import { contextOf } from './request-context.ts';

/** Asked every few seconds by probes: in the log only when they fail. Other reads are there for who debugs. */
const QUIET = new Set(['/health', '/ready', '/metrics']);

/** Time and outcome of the request, into the histogram and the log, when the answer has left or the client is gone. */
export function observeRequest(request: Request, response: Response, metrics: Metrics): void {
  const began = performance.now();
  response.on('close', () => {
    const seconds = (performance.now() - began) / 1_000;
    const route = routeOf(request);
    // 499: the client left before the answer (nginx's number).
    const status = response.writableFinished ? response.statusCode : 499;
    metrics.httpRequestDuration.observe({ method: request.method, route, status: String(status) }, seconds);
    metrics.httpRequestOutcomes.inc({ area: areaOf(request, route), outcome: outcomeOf(status) });
    const { logger, address } = contextOf(request);
    logger[levelOf(request.method, route, status)](
      { method: request.method, route, status, durationMs: Math.round(seconds * 1e4) / 10, address },
      'request',
    );
  });
}

function areaOf({ originalUrl }: Request, route: string): HttpArea {
  if (originalUrl.startsWith('/admin/')) return 'admin';
  return QUIET.has(route) ? 'probe' : 'api';
}

function outcomeOf(status: number): HttpOutcome {
  if (status >= 500) return 'failed';
  return status === 401 || status === 403 ? 'refused' : 'answered';
}

function levelOf(method: string, route: string, status: number): 'warn' | 'info' | 'debug' | 'trace' {
  if (status >= 500) return 'warn';
  if (QUIET.has(route)) return 'trace';
  return method === 'GET' && status < 400 ? 'debug' : 'info';
}

/** The route's pattern, never the path that was sent: labels have to stay few. */
export function routeOf(request: Request): string {
  const route = request.route as { path?: unknown } | undefined;
  if (typeof route?.path === 'string') return route.path;
  // What the guard refuses never comes to its route, and an alert counts refused admin commands.
  return request.originalUrl.startsWith('/admin/') ? '/admin/*' : 'unmatched';
}
