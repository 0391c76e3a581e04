import { readClientCertificate } from './client-certificate.ts';
import { callerOf, type Hashes, isOneOf, type ServiceSecret } from './hashes.ts';
import type { AccessHeaders } from './headers.ts';
import { identityOf } from './identity.ts';
import type { Operator } from './operators.ts';
import type { AccessCode } from './refusals.ts';
import { covers, leastRole, type PersonRole, type RouteRole, type SignedInRole } from './roles.ts';

/** The row of config/access.yaml that a request falls under. */
export interface MatchedRoute {
  /** `GET /cycles/{id}`; undefined for an address that no row names, which is asked for like its neighbours. */
  readonly route: string | undefined;
  readonly role: RouteRole;
}

/** What the verified signature says of a token, or why it says nothing. Times are seconds since 1970. */
export type TokenFinding =
  | {
      readonly kind: 'verified';
      readonly identity: string;
      readonly issuedAt: number;
      readonly notBefore: number | undefined;
      readonly expiresAt: number;
    }
  | {
      readonly kind: 'refused';
      readonly code: 'ID_TOKEN_INVALID' | 'IDENTITY_KEYS_UNAVAILABLE';
      readonly detail: string;
    };

export interface RequestFacts {
  readonly method: string;
  readonly route: MatchedRoute;
  readonly headers: AccessHeaders;
  /** Absent until somebody has verified the token; the decision says when it needs it. */
  readonly token?: TokenFinding;
}

export interface AccessPolicy {
  readonly edgeSecrets: Hashes;
  readonly edgeAdminSecrets: Hashes;
  readonly adminTokens: Hashes;
  readonly serviceSecrets: readonly ServiceSecret[];
  readonly people: ReadonlyMap<string, Operator>;
  /** From fingerprint to identity. */
  readonly owners: ReadonlyMap<string, string>;
  readonly revoked: ReadonlySet<string>;
  readonly identitySource: 'oidc' | 'headers';
  readonly allowedOrigins: ReadonlySet<string>;
}

export interface Person {
  readonly identity: string;
  readonly role: PersonRole;
  /** Of the client certificate; on admin and certified routes alone. */
  readonly fingerprint?: string;
}

/** Who was recognised, as far as it came before a refusal: for the audit. */
export interface Recognised {
  readonly identity?: string;
  readonly fingerprint?: string;
}

export type AccessDecision =
  | { readonly outcome: 'granted'; readonly by: 'internal' | 'public' }
  | { readonly outcome: 'granted'; readonly by: 'service'; readonly service: Omit<ServiceSecret, 'hash'> }
  | {
      readonly outcome: 'granted';
      readonly by: 'person';
      readonly person: Person;
      /** Epoch milliseconds, wall time, from which the same token is refused; absent where no token said who asks. */
      readonly untilMs?: number;
    }
  | { readonly outcome: 'needs-token'; readonly token: string }
  | Refusal;

type PersonGranted = Extract<AccessDecision, { by: 'person' }>;

interface Refusal {
  readonly outcome: 'refused';
  readonly code: AccessCode;
  readonly detail?: string;
  readonly recognised?: Recognised;
}

/**
 * Seconds by which the clocks of this host and of the provider may differ. Small, since an expired token is good for
 * as long; a host whose clock is not synchronised is told so by the refusal.
 */
export const CLOCK_TOLERANCE_SECONDS = 5;
const READS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Whether a request may pass, gate after gate; nothing below a refusal is looked at. `nowMs` is wall time.
 * Everything it needs is in its arguments: a person or certificate that was taken off the list is refused at once,
 * whatever was verified earlier.
 */
export function decideAccess(facts: RequestFacts, policy: AccessPolicy, nowMs: number): AccessDecision {
  const { headers, route } = facts;
  if (headers.duplicated.length > 0) return refused('HEADER_DUPLICATED', headers.duplicated.join(', '));
  const edge = headers.edgeSecret;
  if (route.role === 'internal')
    return edge === undefined ? { outcome: 'granted', by: 'internal' } : refused('ROUTE_INTERNAL');
  if (edge === undefined && headers.serviceSecret !== undefined)
    return decideService(facts, route.role, policy);
  if (edge === undefined || edge === '') return refused('EDGE_SECRET_MISSING');
  if (!isOneOf(edge, policy.edgeSecrets)) return refused('EDGE_SECRET_WRONG');
  if (route.role === 'public') return { outcome: 'granted', by: 'public' };
  const found = identify(facts, policy, nowMs);
  if (typeof found !== 'string') return found;
  const decision = decidePerson(facts, route.role, policy, { identity: found, nowMs });
  const untilMs = endOf(facts, policy);
  if (decision.outcome !== 'granted' || decision.by !== 'person' || untilMs === undefined) return decision;
  return { ...decision, untilMs };
}

/** What was granted on a token holds no longer than the token: an answer without an end is cut then. */
function endOf({ token }: RequestFacts, { identitySource }: AccessPolicy): number | undefined {
  if (identitySource !== 'oidc' || token?.kind !== 'verified') return undefined;
  return (token.expiresAt + CLOCK_TOLERANCE_SECONDS) * 1_000;
}

interface Asking {
  readonly identity: string;
  readonly nowMs: number;
}

function decidePerson(
  facts: RequestFacts,
  role: SignedInRole,
  policy: AccessPolicy,
  { identity, nowMs }: Asking,
): AccessDecision {
  const recognised = { identity };
  const operator = policy.people.get(identity);
  if (operator === undefined) return refused('IDENTITY_UNKNOWN', identity, recognised);
  const least = leastRole(role);
  if (!covers(operator.role, least))
    return refused(
      'ROLE_INSUFFICIENT',
      `${identity} is ${operator.role}, the route is for ${least}`,
      recognised,
    );
  const fault = changeFault(facts, policy);
  if (fault !== undefined) return { ...fault, recognised };
  const person = { identity, role: operator.role };
  if (role !== 'admin' && role !== 'certified') return { outcome: 'granted', by: 'person', person };
  const certified = decideCertified(facts.headers, policy, person, nowMs);
  if (role === 'certified' || certified.outcome !== 'granted') return certified;
  return decideAdmin(facts.headers, policy, certified);
}

/** Beyond identity and role: the admin entry point and the person's own certificate. */
function decideCertified(
  headers: AccessHeaders,
  policy: AccessPolicy,
  person: Person,
  nowMs: number,
): PersonGranted | Refusal {
  const { edgeAdminSecret } = headers;
  const { identity } = person;
  if (edgeAdminSecret === undefined || edgeAdminSecret === '')
    return refused('EDGE_ADMIN_SECRET_MISSING', undefined, { identity });
  if (!isOneOf(edgeAdminSecret, policy.edgeAdminSecrets))
    return refused('EDGE_ADMIN_SECRET_WRONG', undefined, { identity });
  const fingerprint = certificateOf(headers.certificate, policy, identity, nowMs);
  if (typeof fingerprint !== 'string') return fingerprint;
  return { outcome: 'granted', by: 'person', person: { ...person, fingerprint } };
}

/** Beyond all that: the admin token. */
function decideAdmin(
  { adminToken }: AccessHeaders,
  policy: AccessPolicy,
  granted: PersonGranted,
): AccessDecision {
  const { role: _role, ...recognised } = granted.person;
  if (policy.adminTokens.length === 0) return refused('ADMIN_TOKEN_NOT_CONFIGURED', undefined, recognised);
  if (adminToken === undefined || adminToken === '')
    return refused('ADMIN_TOKEN_MISSING', undefined, recognised);
  if (!isOneOf(adminToken, policy.adminTokens)) return refused('ADMIN_TOKEN_WRONG', undefined, recognised);
  return granted;
}

function certificateOf(
  header: string | undefined,
  policy: AccessPolicy,
  identity: string,
  nowMs: number,
): string | Refusal {
  if (header === undefined || header === '') return refused('CERTIFICATE_MISSING', undefined, { identity });
  const certificate = readClientCertificate(header);
  if (certificate === undefined) return refused('CERTIFICATE_UNREADABLE', undefined, { identity });
  const { fingerprint, validFrom, validTo } = certificate;
  const refuse = (code: AccessCode, detail?: string) => refused(code, detail, { identity, fingerprint });
  if (policy.revoked.has(fingerprint)) return refuse('CERTIFICATE_REVOKED');
  const owner = policy.owners.get(fingerprint);
  if (owner === undefined) return refuse('CERTIFICATE_UNKNOWN', `its fingerprint is ${fingerprint}`);
  if (nowMs < validFrom) return refuse('CERTIFICATE_NOT_YET_VALID', `it is valid from ${isoTime(validFrom)}`);
  if (nowMs > validTo) return refuse('CERTIFICATE_EXPIRED', `it was valid until ${isoTime(validTo)}`);
  return owner === identity ? fingerprint : refuse('CERTIFICATE_OF_ANOTHER_PERSON');
}

/** A service is no person: it never comes to admin or certified routes, whatever it sends, and has no browser to be tricked. */
function decideService(
  { method, headers }: RequestFacts,
  role: Exclude<RouteRole, 'internal'>,
  policy: AccessPolicy,
): AccessDecision {
  const found = callerOf(headers.serviceSecret ?? '', policy.serviceSecrets);
  if (found === undefined) return refused('SERVICE_SECRET_WRONG');
  const { caller, role: held } = found;
  if (role === 'public' || role === 'certified' || !covers(held, role))
    return refused('ROLE_INSUFFICIENT', `service ${caller} is ${held}, the route is for ${role}`);
  if (!READS.has(method) && !isJson(headers.contentType)) return refused('CONTENT_TYPE_NOT_JSON');
  return { outcome: 'granted', by: 'service', service: { caller, role: held } };
}

function identify(facts: RequestFacts, policy: AccessPolicy, nowMs: number): string | AccessDecision {
  if (policy.identitySource === 'headers') {
    const { email } = facts.headers;
    if (email === undefined || email === '') return refused('IDENTITY_MISSING');
    return identityOf(email) ?? refused('IDENTITY_UNKNOWN', 'its e-mail has characters other than ASCII');
  }
  const token = /^Bearer +(\S+)$/i.exec(facts.headers.authorization ?? '')?.[1];
  if (token === undefined) return refused('ID_TOKEN_MISSING');
  if (facts.token === undefined) return { outcome: 'needs-token', token };
  return judgeToken(facts.token, nowMs / 1_000);
}

function judgeToken(found: TokenFinding, now: number): string | Refusal {
  if (found.kind === 'refused') return refused(found.code, found.detail);
  const { identity, issuedAt, notBefore, expiresAt } = found;
  const begins = Math.max(issuedAt, notBefore ?? issuedAt);
  if (begins > now + CLOCK_TOLERANCE_SECONDS)
    return refused(
      'ID_TOKEN_NOT_YET_VALID',
      `it begins ${seconds(begins - now)} from now by the clock of this service (${isoTime(now * 1_000)})`,
      { identity },
    );
  if (expiresAt <= now - CLOCK_TOLERANCE_SECONDS)
    return refused(
      'ID_TOKEN_EXPIRED',
      `it ended ${seconds(now - expiresAt)} ago by the clock of this service (${isoTime(now * 1_000)})`,
      { identity },
    );
  return identity;
}

/**
 * A page of somebody else's must not change anything with a person's session. Sign-in is a cookie, and browsers send
 * Origin with every POST; JSON cannot be sent across origins without a preflight, which nobody here grants.
 */
function changeFault({ method, headers }: RequestFacts, policy: AccessPolicy): Refusal | undefined {
  if (READS.has(method)) return undefined;
  if (!isJson(headers.contentType)) return refused('CONTENT_TYPE_NOT_JSON');
  if (headers.origin === undefined || headers.origin === '') return refused('ORIGIN_MISSING');
  return policy.allowedOrigins.has(headers.origin)
    ? undefined
    : refused('ORIGIN_NOT_ALLOWED', `the request came from ${headers.origin.slice(0, 200)}`);
}

function isJson(contentType: string | undefined): boolean {
  return /^application\/json\s*(;[^,]*)?$/i.test(contentType ?? '');
}

function refused(code: AccessCode, detail?: string, recognised?: Recognised): Refusal {
  return {
    outcome: 'refused',
    code,
    ...(detail === undefined ? {} : { detail }),
    ...(recognised === undefined ? {} : { recognised }),
  };
}

function seconds(duration: number): string {
  return `${Math.round(duration)} s`;
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
