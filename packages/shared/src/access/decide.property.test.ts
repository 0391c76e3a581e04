import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decideAccess, type RequestFacts } from './decide.ts';
import type { AccessHeaders } from './headers.ts';
import { covers, ROUTE_ROLES } from './roles.ts';
import {
  ANNAS_CERTIFICATE,
  BOBS_CERTIFICATE,
  NOW_MS,
  ORIGIN,
  policy,
  SECRETS,
  tokenOf,
} from './scene.fixture.ts';

/** Right three times in four, so that whole chains of gates open often enough. */
const mostly = <Value>(right: fc.Arbitrary<Value>, ...others: Value[]) =>
  fc.oneof({ arbitrary: right, weight: 3 }, { arbitrary: fc.constantFrom(...others), weight: 1 });
const wrong = [undefined, '', 'wrong', ...Object.values(SECRETS), ANNAS_CERTIFICATE.base64];
const secret = (...right: string[]) => mostly<string | undefined>(fc.constantFrom(...right), ...wrong);
const absentOr = (...others: string[]) => mostly<string | undefined>(fc.constant(undefined), ...others);

const headers: fc.Arbitrary<AccessHeaders> = fc.record({
  edgeSecret: fc.oneof(
    { arbitrary: secret(SECRETS.edge, SECRETS.edgeOld), weight: 3 },
    { arbitrary: fc.constant(undefined), weight: 1 },
  ),
  edgeAdminSecret: secret(SECRETS.edgeAdmin),
  serviceSecret: absentOr('', ...Object.values(SECRETS)),
  adminToken: secret(SECRETS.adminToken, SECRETS.adminTokenOld),
  authorization: mostly<string | undefined>(fc.constant('Bearer a.b.c'), undefined, '', 'Basic YTpi'),
  email: fc.constantFrom(undefined, 'anna@fleet.test', 'mallory@fleet.test'),
  certificate: secret(ANNAS_CERTIFICATE.base64, BOBS_CERTIFICATE.base64),
  origin: mostly<string | undefined>(fc.constant(ORIGIN), undefined, 'https://evil.test', 'null'),
  contentType: mostly<string | undefined>(
    fc.constant('application/json'),
    undefined,
    'text/plain',
    'application/jsonp',
  ),
  forwardedFor: fc.constantFrom(undefined, '198.51.100.7'),
  duplicated: mostly<string[]>(fc.constant([]), ['origin']),
});

const SECOND = NOW_MS / 1_000;
const tokens = fc.oneof(
  fc
    .record({
      identity: fc.constantFrom(
        'anna@fleet.test',
        'bob@fleet.test',
        'olga@fleet.test',
        'vera@fleet.test',
        'eve@x.y',
      ),
      issuedAt: fc.integer({ min: SECOND - 90, max: SECOND + 30 }),
      expiresAt: fc.integer({ min: SECOND - 30, max: SECOND + 90 }),
    })
    .map(({ identity, ...times }) => tokenOf(identity, times)),
  fc.constant({ kind: 'refused', code: 'ID_TOKEN_INVALID', detail: 'forged' } as const),
);

const requests = fc.record({
  method: fc.constantFrom('GET', 'POST', 'DELETE', 'HEAD', 'get', 'OPTIONS', 'PROPFIND'),
  route: fc.record({ route: fc.constant('some'), role: fc.constantFrom(...ROUTE_ROLES) }),
  headers,
  token: tokens,
});

const EDGE: unknown[] = [SECRETS.edge, SECRETS.edgeOld];
const ADMIN_TOKENS: unknown[] = [SECRETS.adminToken, SECRETS.adminTokenOld];
const READS = ['GET', 'HEAD', 'OPTIONS'];

type Request = Required<RequestFacts>;

/** The gates written down once more, each by itself and without their order. */
function mayPass({ headers: sent, route: { role }, method, token }: Request): boolean {
  if (sent.duplicated.length > 0) return false;
  if (role === 'internal') return sent.edgeSecret === undefined;
  const throughEdge = EDGE.includes(sent.edgeSecret);
  if (role === 'public') return throughEdge;
  const reads = READS.includes(method);
  const json = reads || sent.contentType === 'application/json';
  if (sent.edgeSecret === undefined) {
    const held = sent.serviceSecret === SECRETS.hub ? 'operator' : 'viewer';
    const known = sent.serviceSecret === SECRETS.hub || sent.serviceSecret === SECRETS.optimizer;
    return known && role !== 'certified' && covers(held, role) && json;
  }
  const person = token.kind === 'verified' ? policy.people.get(token.identity) : undefined;
  const inTime = token.kind === 'verified' && token.issuedAt <= SECOND + 5 && token.expiresAt > SECOND - 5;
  const entered = throughEdge && sent.authorization === 'Bearer a.b.c' && inTime;
  const allowed = person !== undefined && covers(person.role, role === 'certified' ? 'admin' : role);
  if (!entered || !allowed || !json || (!reads && sent.origin !== ORIGIN)) return false;
  if (role !== 'admin' && role !== 'certified') return true;
  const own = { 'anna@fleet.test': ANNAS_CERTIFICATE, 'bob@fleet.test': BOBS_CERTIFICATE }[person.identity];
  return (
    sent.edgeAdminSecret === SECRETS.edgeAdmin &&
    own !== undefined &&
    sent.certificate === own.base64 &&
    (role === 'certified' || ADMIN_TOKENS.includes(sent.adminToken))
  );
}

test('nothing that lacks a gate passes, and what has them all does', () => {
  const passed = new Map<string, number>();
  fc.assert(
    fc.property(requests, (facts) => {
      const { outcome } = decideAccess(facts, policy, NOW_MS);
      expect(outcome).toBe(mayPass(facts) ? 'granted' : 'refused');
      if (outcome === 'granted') passed.set(facts.route.role, (passed.get(facts.route.role) ?? 0) + 1);
    }),
    { numRuns: 40_000 },
  );
  // A generator that never opens every gate would prove nothing.
  for (const role of ROUTE_ROLES) expect(passed.get(role), role).toBeGreaterThan(10);
});

test('of anna’s halt, no single and no two gates may be missing', () => {
  const complete: AccessHeaders = {
    edgeSecret: SECRETS.edge,
    edgeAdminSecret: SECRETS.edgeAdmin,
    serviceSecret: undefined,
    adminToken: SECRETS.adminToken,
    authorization: 'Bearer a.b.c',
    email: undefined,
    certificate: ANNAS_CERTIFICATE.base64,
    origin: ORIGIN,
    contentType: 'application/json',
    forwardedFor: undefined,
    duplicated: [],
  };
  const gates = [
    'edgeSecret',
    'edgeAdminSecret',
    'adminToken',
    'authorization',
    'certificate',
    'origin',
    'contentType',
  ] as const;
  const decide = (sent: AccessHeaders) =>
    decideAccess(
      {
        method: 'POST',
        route: { route: 'POST /admin/x', role: 'admin' },
        headers: sent,
        token: tokenOf('anna@fleet.test'),
      },
      policy,
      NOW_MS,
    ).outcome;
  expect(decide(complete)).toBe('granted');
  for (const first of gates)
    for (const second of gates)
      for (const value of [undefined, '', 'wrong'])
        expect(decide({ ...complete, [first]: value, [second]: value }), `${first} ${second}`).toBe(
          'refused',
        );
});
