import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Request, Response } from 'express';
import type { Person } from '../access/index.ts';
import { childTraceparent, type Logger } from '../telemetry/index.ts';

/** What a handler knows about the request besides its content. */
export interface RequestContext {
  readonly requestId: string;
  /** This service's span; hand it on with what the request causes. */
  readonly traceparent: string;
  /** The client's address as the service believes it. */
  readonly address: string;
  /** True when the admin token was right. */
  readonly admin: boolean;
  /** Who asks, with ACCESS_CONTROL=edge; absent for a service and on routes without sign-in. */
  readonly person?: Person;
  /** Name of the calling service, with ACCESS_CONTROL=edge. */
  readonly service?: string;
  readonly idempotencyKey?: string;
  /** Aborted when the client is gone, the time is up, or the service stops. */
  readonly signal: AbortSignal;
  /** Writes the request id with every line. */
  readonly logger: Logger;
}

const SANE_ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/;
const contexts = new WeakMap<IncomingMessage, RequestContext>();

/** Gives the request its id and span, and answers with both. */
export function openContext(
  request: Request,
  response: Response,
  logger: Logger,
  closing: AbortSignal,
): RequestContext {
  const sent = request.get('x-request-id');
  const requestId = sent !== undefined && SANE_ID.test(sent) ? sent : randomUUID();
  const traceparent = childTraceparent(request.get('traceparent'));
  const gone = new AbortController();
  response.on('close', () => gone.abort(new Error('the client is gone')));
  response.setHeader('X-Request-Id', requestId);
  response.setHeader('traceparent', traceparent);
  const context: RequestContext = {
    requestId,
    traceparent,
    address: request.ip ?? 'unknown',
    admin: false,
    signal: AbortSignal.any([gone.signal, closing]),
    logger: logger.child({ requestId, traceId: traceparent.split('-')[1] }),
  };
  contexts.set(request, context);
  return context;
}

/** The context of a request of this app. */
export function contextOf(request: IncomingMessage): RequestContext {
  const context = contexts.get(request);
  if (context === undefined) throw new Error('this request did not pass through createServiceApp');
  return context;
}

/**
 * Who is written down as the one who asked: the person who signed in, else the calling service; `said` (what the body
 * or the address says) only where nobody was recognised.
 */
export function actorOf(context: Pick<RequestContext, 'person' | 'service'>, said: string): string {
  return context.person?.identity ?? context.service ?? said;
}

export function amendContext(request: IncomingMessage, change: Partial<RequestContext>): RequestContext {
  const amended = { ...contextOf(request), ...change };
  contexts.set(request, amended);
  return amended;
}
