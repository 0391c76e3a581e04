import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';
import {
  type AccessControl,
  type AccessDecision,
  type AccessMetrics,
  AdminRateLimited,
  type Audit,
  type AuditEntry,
  accessHeaders,
  covers,
  PERSON_ROLES,
  type PersonRole,
  REFUSALS,
  type RequestFacts,
} from '../access/index.ts';
import type { FleetError } from '../errors/index.ts';
import type { Logger } from '../telemetry/index.ts';
import { amendContext, contextOf, type RequestContext } from './request-context.ts';

export interface AccessGuardOptions {
  readonly access: AccessControl;
  /** Of calls of admin routes, beyond the log that every call to keep goes to. */
  readonly audit?: Audit | undefined;
  readonly decided?: AccessMetrics['decided'] | undefined;
  readonly logger: Logger;
  /** Calls of admin routes a minute from one address, right or wrong; 60 when absent. */
  readonly limitPerMinute?: number | undefined;
}

type Decision = Exclude<AccessDecision, { outcome: 'needs-token' }>;
type Granted = Extract<Decision, { outcome: 'granted' }>;
type Who = Pick<AuditEntry, 'identity' | 'role' | 'fingerprint' | 'service'>;

const WINDOW_MS = 60_000;
const CALLS_PER_MINUTE_MAX = 60;
const READS = new Set(['GET', 'HEAD', 'OPTIONS']);
const facts = new WeakMap<Request, RequestFacts>();

/** Handlers in front of everything: what the request says, the limit of admin calls, the decision. */
export function accessGuard(options: AccessGuardOptions): RequestHandler[] {
  return [reading(options), limiting(options), deciding(options)];
}

function reading({ access }: AccessGuardOptions): RequestHandler {
  return (request, _response, next) => {
    const headers = accessHeaders(request.headersDistinct);
    const { method } = request;
    facts.set(request, { method, headers, route: access.match(method, request.path) });
    const address = access.addressOf(headers);
    if (address !== undefined) amendContext(request, { address });
    next();
  };
}

function limiting(options: AccessGuardOptions): RequestHandler {
  return rateLimit({
    windowMs: WINDOW_MS,
    limit: options.limitPerMinute ?? CALLS_PER_MINUTE_MAX,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    validate: { xForwardedForHeader: false },
    skip: (request) => factsOf(request).route.role !== 'admin',
    // The address that the edge says; without its secret the neighbour's own.
    keyGenerator: (request) => ipKeyGenerator(contextOf(request).address),
    handler: (request, response, next) => {
      refuse(options, { request, response, next }, new AdminRateLimited(), {}).catch(next);
    },
  });
}

function deciding(options: AccessGuardOptions): RequestHandler {
  return async (request, response, next) => {
    const decision = await options.access.decide(factsOf(request));
    if (decision.outcome === 'refused') {
      const { code, detail, recognised = {} } = decision;
      await refuse(options, { request, response, next }, new REFUSALS[code](detail), recognised);
      return;
    }
    options.decided?.('granted', decision.by.toUpperCase());
    const context = amendContext(request, contextChange(decision, factsOf(request)));
    if (decision.by === 'person' && context.person !== undefined)
      watchAnswer(options.access, { request, response, untilMs: decision.untilMs });
    // Anybody on the Internet can send these; the handler keeps what it could verify.
    if (decision.by !== 'public') await record(options, request, whoOf(decision));
    next();
  };
}

function contextChange(decision: Granted, { route }: RequestFacts): Partial<RequestContext> {
  switch (decision.by) {
    case 'person':
      return { person: decision.person, admin: route.role === 'admin' };
    case 'service':
      return { service: decision.service.caller };
    case 'internal':
    case 'public':
      return {};
  }
}

function whoOf(decision: Granted): Who {
  switch (decision.by) {
    case 'person':
      return decision.person;
    case 'service':
      return { service: decision.service.caller, role: decision.service.role };
    case 'internal':
    case 'public':
      return {};
  }
}

/** An event stream would outlive the right to read it. */
function watchAnswer(
  access: AccessControl,
  { request, response, untilMs }: Pick<Exchange, 'request' | 'response'> & { untilMs: number | undefined },
): void {
  const { person } = contextOf(request);
  const needed = factsOf(request).route.role;
  if (person === undefined || !isPersonRole(needed) || !covers(person.role, needed)) return;
  const cut = () => response.destroy();
  response.on('close', access.watchOpen({ identity: person.identity, needed, untilMs, cut }));
}

function isPersonRole(role: string): role is PersonRole {
  return PERSON_ROLES.some((known) => known === role);
}

interface Exchange {
  readonly request: Request;
  readonly response: Response;
  readonly next: NextFunction;
}

async function refuse(
  options: AccessGuardOptions,
  { request, response, next }: Exchange,
  error: FleetError,
  who: Who,
): Promise<void> {
  options.decided?.('refused', error.code);
  if (error.status === 401) response.setHeader('WWW-Authenticate', challengeOf(error.code));
  await record(options, request, who, error.code);
  next(error);
}

/** RFC 9110 wants one with every 401; RFC 6750 says how a bearer token's reads. */
function challengeOf(code: string): string {
  if (code === 'ID_TOKEN_MISSING') return 'Bearer';
  if (code.startsWith('ID_TOKEN_')) return 'Bearer error="invalid_token"';
  return code.startsWith('ADMIN_TOKEN_') ? 'X-Admin-Token' : 'Edge';
}

/**
 * Changes and admin calls; of what the edge asks before it lets somebody to a program without roles: the refusals, and
 * what would change something there. A failing audit is logged and does not refuse: a halt must work without it.
 */
async function record(
  options: AccessGuardOptions,
  request: Request,
  who: Who,
  reason?: string,
): Promise<void> {
  const { route } = factsOf(request);
  const admin = route.role === 'admin';
  const refusedPage = route.role === 'certified' && reason !== undefined;
  if (READS.has(askedFor(request).method) && !admin && !refusedPage) return;
  const entry = entryOf(request, who, reason);
  const kept = options.access.record(entry);
  if (!admin || options.audit === undefined) return;
  // What a flood of refusals brings beyond its share is not handed on either.
  if (!kept && reason !== undefined) return;
  try {
    await options.audit(entry);
  } catch (err) {
    options.logger.error({ err, audit: entry }, 'the audit entry could not be stored');
  }
}

function entryOf(request: Request, who: Who, reason: string | undefined): AuditEntry {
  const { requestId, traceparent, address } = contextOf(request);
  const { identity, role, fingerprint, service } = who;
  return {
    at: new Date().toISOString(),
    outcome: reason === undefined ? 'granted' : 'refused',
    ...(reason === undefined ? {} : { reason }),
    ...askedFor(request),
    ...{ address, requestId, traceparent },
    ...(identity === undefined ? {} : { identity: identity.slice(0, 320) }),
    ...(role === undefined ? {} : { role }),
    ...(fingerprint === undefined ? {} : { fingerprint }),
    ...(service === undefined ? {} : { service }),
  };
}

/** What is asked for; where the edge asks on behalf of another request, that one as the edge tells it. */
function askedFor(request: Request): { readonly method: string; readonly path: string } {
  const certified = factsOf(request).route.role === 'certified';
  const told = (name: string): string | undefined => (certified ? request.get(name) : undefined);
  return {
    method: (told('x-forwarded-method') ?? request.method).slice(0, 20),
    path: (told('x-forwarded-uri') ?? request.originalUrl).split('?')[0]?.slice(0, 200) ?? '',
  };
}

function factsOf(request: Request): RequestFacts {
  const found = facts.get(request);
  if (found === undefined) throw new Error('this request did not pass through accessGuard');
  return found;
}
