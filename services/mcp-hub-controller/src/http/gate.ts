import { createHash, timingSafeEqual } from 'node:crypto';
import { defineError } from '@fleet/shared/errors';
import { hostHeaderValidation, originValidation } from '@modelcontextprotocol/express';
import type { Express, RequestHandler } from 'express';
import { CallLimit } from './call-limit.ts';

export const McpTokenNotConfigured = defineError({
  code: 'MCP_TOKEN_NOT_CONFIGURED',
  title: 'The tools are closed: this service has no token for clients',
  status: 403,
  retry: 'park',
  action: 'Set MCP_TOKEN_FILE (or MCP_TOKEN) of the hub and start it again.',
});
export const McpTokenWrong = defineError({
  code: 'MCP_TOKEN_WRONG',
  title: 'The token is missing or wrong',
  status: 401,
  retry: 'park',
  action: 'Send the header Authorization: Bearer with the token of the hub.',
});
export const McpRateLimited = defineError({
  code: 'MCP_RATE_LIMITED',
  title: 'Too many calls from this address',
  status: 429,
  retry: 'retry',
  action: 'Wait as long as the Retry-After header says.',
});

export interface GateOptions {
  readonly token: string | undefined;
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
  readonly callsPerMinute: number;
  readonly monotonic: () => number;
}

/** What stands before the tools, in this order: Host, Origin, rate (so that tokens cannot be tried out), token. */
export function mountGate(app: Express, options: GateOptions): void {
  const gate = [
    hostHeaderValidation([...options.allowedHosts]),
    originValidation([...options.allowedOrigins]),
    rateLimit(options),
    bearer(options.token),
  ];
  app.post('/mcp', ...gate);
  app.post('/mcp/command', ...gate);
}

function rateLimit({ callsPerMinute, monotonic }: GateOptions): RequestHandler {
  const limit = new CallLimit(callsPerMinute, monotonic);
  return (request, response, next) => {
    const waitSeconds = limit.take(request.ip ?? 'unknown');
    if (waitSeconds === 0) return next();
    response.setHeader('Retry-After', waitSeconds);
    next(new McpRateLimited());
  };
}

function bearer(token: string | undefined): RequestHandler {
  const expected = token === undefined ? undefined : digest(token);
  return (request, response, next) => {
    if (expected === undefined) return next(new McpTokenNotConfigured());
    const sent = /^Bearer +(\S+)$/i.exec(request.get('authorization') ?? '')?.[1];
    if (sent !== undefined && timingSafeEqual(digest(sent), expected)) return next();
    // RFC 6750, section 3
    response.setHeader('WWW-Authenticate', sent === undefined ? 'Bearer' : 'Bearer error="invalid_token"');
    next(new McpTokenWrong());
  };
}

/** Equal lengths for the comparison, and no token kept in memory. */
function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
