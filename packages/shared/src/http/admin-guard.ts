import { createHash, timingSafeEqual } from 'node:crypto';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { rateLimit } from 'express-rate-limit';
import {
  type AccessMetrics,
  AdminRateLimited,
  AdminTokenMissing,
  AdminTokenNotConfigured,
  AdminTokenWrong,
  type Audit,
  type AuditEntry,
} from '../access/index.ts';
import type { FleetError } from '../errors/index.ts';
import type { Logger } from '../telemetry/index.ts';
import { amendContext, contextOf } from './request-context.ts';

export interface AdminGuardOptions {
  /** One token, or the old and the new one while a rotation lasts. */
  readonly adminToken?: string | readonly string[] | undefined;
  readonly audit?: Audit | undefined;
  readonly decided?: AccessMetrics['decided'] | undefined;
  readonly logger: Logger;
  /** Calls a minute from one address, right or wrong; 60 when absent. */
  readonly limitPerMinute?: number | undefined;
}

const WINDOW_MS = 60_000;
const CALLS_PER_MINUTE_MAX = 60;

/** Handlers for everything below /admin: first the rate limit, so that tokens cannot be tried out, then the token. */
export function adminGuard(options: AdminGuardOptions): readonly RequestHandler[] {
  const digests = [options.adminToken ?? []].flat().map(digest);
  const limit = rateLimit({
    windowMs: WINDOW_MS,
    limit: options.limitPerMinute ?? CALLS_PER_MINUTE_MAX,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    // The address is express's, which already decides about forwarded headers.
    validate: { xForwardedForHeader: false },
    handler: (request, response, next) => refuse(options, request, response, next, new AdminRateLimited()),
  });
  const check: RequestHandler = (request, response, next) => {
    const refusal = refusalOf(request.get('x-admin-token'), digests);
    if (refusal !== undefined) {
      refuse(options, request, response, next, refusal);
      return;
    }
    amendContext(request, { admin: true });
    options.decided?.('granted', 'TOKEN');
    record(options, request, 'granted').then(() => next(), next);
  };
  return [limit, check];
}

function refusalOf(sent: string | undefined, digests: readonly Buffer[]): FleetError | undefined {
  if (digests.length === 0) return new AdminTokenNotConfigured();
  if (sent === undefined || sent === '') return new AdminTokenMissing();
  const given = digest(sent);
  // Every digest is compared, so that the time does not say which of them was near.
  const matches = digests.map((expected) => timingSafeEqual(given, expected));
  return matches.includes(true) ? undefined : new AdminTokenWrong();
}

/** Equal lengths for the comparison, and no token kept in memory. */
function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

function refuse(
  options: AdminGuardOptions,
  request: Request,
  response: Response,
  next: NextFunction,
  error: FleetError,
): void {
  options.decided?.('refused', error.code);
  if (error.status === 401) response.setHeader('WWW-Authenticate', 'X-Admin-Token');
  record(options, request, 'refused', error.code).then(() => next(error), next);
}

/** A failing audit is logged and does not refuse: a halt must work while the database is down. */
async function record(
  options: AdminGuardOptions,
  request: Request,
  outcome: AuditEntry['outcome'],
  reason?: string,
): Promise<void> {
  const { requestId, traceparent, address } = contextOf(request);
  const entry: AuditEntry = {
    at: new Date().toISOString(),
    outcome,
    ...(reason === undefined ? {} : { reason }),
    method: request.method,
    path: request.originalUrl.split('?')[0]?.slice(0, 200) ?? '',
    address,
    requestId,
    traceparent,
  };
  options.logger[outcome === 'granted' ? 'info' : 'warn']({ audit: entry }, `admin call ${outcome}`);
  try {
    await options.audit?.(entry);
  } catch (err) {
    options.logger.error({ err, audit: entry }, 'the audit entry could not be stored');
  }
}
