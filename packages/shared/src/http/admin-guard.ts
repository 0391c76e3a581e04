import { createHash, timingSafeEqual } from 'node:crypto';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { rateLimit } from 'express-rate-limit';
import { defineError, type FleetError } from '../errors/index.ts';
import type { Logger } from '../telemetry/index.ts';
import { amendContext, contextOf } from './request-context.ts';

export const AdminTokenNotConfigured = defineError({
  code: 'ADMIN_TOKEN_NOT_CONFIGURED',
  title: 'Admin routes are closed: this service has no admin token',
  status: 403,
  retry: 'park',
  action: 'Set ADMIN_TOKEN_FILE (or ADMIN_TOKEN) of this service and start it again.',
});
export const AdminTokenMissing = defineError({
  code: 'ADMIN_TOKEN_MISSING',
  title: 'This route needs the admin token',
  status: 401,
  retry: 'park',
  action: 'Send the header X-Admin-Token.',
});
export const AdminTokenWrong = defineError({
  code: 'ADMIN_TOKEN_WRONG',
  title: 'The admin token is wrong',
  status: 401,
  retry: 'park',
  action: 'Send the current token of this service in X-Admin-Token; it may have been rotated.',
});
export const AdminRateLimited = defineError({
  code: 'ADMIN_RATE_LIMITED',
  title: 'Too many admin calls from this address',
  status: 429,
  retry: 'retry',
  action: 'Wait as long as the Retry-After header says.',
});

/** One call to an admin route, granted or refused, before its handler runs. */
export interface AuditEntry {
  /** ISO 8601 UTC, wall time. */
  readonly at: string;
  readonly outcome: 'granted' | 'refused';
  /** The code of the refusal. */
  readonly reason?: string;
  readonly method: string;
  /** Without its query. */
  readonly path: string;
  readonly address: string;
  readonly requestId: string;
  readonly traceparent: string;
}

export type Audit = (entry: AuditEntry) => void | Promise<void>;

export interface AdminGuardOptions {
  /** One token, or the old and the new one while a rotation lasts. */
  readonly adminToken?: string | readonly string[] | undefined;
  readonly audit?: Audit | undefined;
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
