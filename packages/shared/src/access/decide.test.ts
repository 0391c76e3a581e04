import { describe, expect, test } from 'vitest';
import { type AccessPolicy, CLOCK_TOLERANCE_SECONDS, decideAccess, type RequestFacts } from './decide.ts';
import type { AccessHeaders } from './headers.ts';
import { ACCESS_CODES } from './refusals.ts';
import {
  ANNAS_CERTIFICATE,
  annaHalts,
  BOBS_CERTIFICATE,
  NOW_MS,
  noHeaders,
  policy,
  SECRETS,
  tokenOf,
  veraReads,
} from './scene.fixture.ts';

interface Case {
  readonly facts?: Partial<RequestFacts>;
  readonly headers?: Partial<AccessHeaders>;
  readonly policy?: Partial<AccessPolicy>;
  readonly nowMs?: number;
}

/** Anna's halt, which passes, with one thing changed. */
const halt = (change: Case) =>
  decideAccess(
    { ...annaHalts, ...change.facts, headers: { ...annaHalts.headers, ...change.headers } },
    { ...policy, ...change.policy },
    change.nowMs ?? NOW_MS,
  );

const YEARS_200 = 200 * 365 * 86_400_000;
const BEFORE = Date.parse('2026-11-01T00:00:00Z');
const tokenAt = (nowMs: number) =>
  tokenOf('anna@fleet.test', { issuedAt: nowMs / 1_000 - 1, expiresAt: nowMs / 1_000 + 60 });

const refusals: Record<string, Case> = {
  HEADER_DUPLICATED: { headers: { duplicated: ['x-edge-secret'] } },
  ROUTE_INTERNAL: { facts: { route: { route: 'GET /metrics', role: 'internal' } } },
  EDGE_SECRET_MISSING: { headers: { edgeSecret: undefined } },
  EDGE_SECRET_WRONG: { headers: { edgeSecret: SECRETS.edgeAdmin } },
  SERVICE_SECRET_WRONG: { headers: { edgeSecret: undefined, serviceSecret: SECRETS.edge } },
  IDENTITY_KEYS_UNAVAILABLE: {
    facts: { token: { kind: 'refused', code: 'IDENTITY_KEYS_UNAVAILABLE', detail: 'away' } },
  },
  ID_TOKEN_MISSING: { headers: { authorization: undefined } },
  ID_TOKEN_INVALID: { facts: { token: { kind: 'refused', code: 'ID_TOKEN_INVALID', detail: 'forged' } } },
  ID_TOKEN_EXPIRED: { facts: { token: tokenOf('anna@fleet.test', { expiresAt: NOW_MS / 1_000 - 60 }) } },
  ID_TOKEN_NOT_YET_VALID: { facts: { token: tokenOf('anna@fleet.test', { issuedAt: NOW_MS / 1_000 + 60 }) } },
  IDENTITY_MISSING: { policy: { identitySource: 'headers' } },
  IDENTITY_UNKNOWN: { facts: { token: tokenOf('mallory@fleet.test') } },
  ROLE_INSUFFICIENT: { facts: { token: tokenOf('olga@fleet.test') } },
  CONTENT_TYPE_NOT_JSON: { headers: { contentType: 'text/plain' } },
  ORIGIN_MISSING: { headers: { origin: undefined } },
  ORIGIN_NOT_ALLOWED: { headers: { origin: 'https://evil.test' } },
  EDGE_ADMIN_SECRET_MISSING: { headers: { edgeAdminSecret: undefined } },
  EDGE_ADMIN_SECRET_WRONG: { headers: { edgeAdminSecret: SECRETS.edge } },
  CERTIFICATE_MISSING: { headers: { certificate: undefined } },
  CERTIFICATE_UNREADABLE: { headers: { certificate: 'AAAA' } },
  CERTIFICATE_REVOKED: { policy: { revoked: new Set([ANNAS_CERTIFICATE.fingerprint]) } },
  CERTIFICATE_UNKNOWN: { policy: { owners: new Map() } },
  CERTIFICATE_NOT_YET_VALID: { nowMs: BEFORE, facts: { token: tokenAt(BEFORE) } },
  CERTIFICATE_EXPIRED: { nowMs: NOW_MS + YEARS_200, facts: { token: tokenAt(NOW_MS + YEARS_200) } },
  CERTIFICATE_OF_ANOTHER_PERSON: { headers: { certificate: BOBS_CERTIFICATE.base64 } },
  ADMIN_TOKEN_NOT_CONFIGURED: { policy: { adminTokens: [] } },
  ADMIN_TOKEN_MISSING: { headers: { adminToken: '' } },
  ADMIN_TOKEN_WRONG: { headers: { adminToken: SECRETS.edgeAdmin } },
};

test('anna halts, with every gate open', () => {
  expect(halt({})).toEqual({
    outcome: 'granted',
    by: 'person',
    person: { identity: 'anna@fleet.test', role: 'admin', fingerprint: ANNAS_CERTIFICATE.fingerprint },
    untilMs: NOW_MS + (240 + CLOCK_TOLERANCE_SECONDS) * 1_000,
  });
});

test('what is granted ends with the token, to the millisecond', () => {
  const first = halt({});
  const untilMs = 'untilMs' in first ? first.untilMs : undefined;
  expect(halt({ nowMs: (untilMs ?? 0) - 1 })).toMatchObject({ outcome: 'granted' });
  expect(halt({ nowMs: untilMs ?? 0 })).toMatchObject({ code: 'ID_TOKEN_EXPIRED' });
});

describe('a certified route, which the edge asks before it lets somebody to a program without roles', () => {
  const looks = (change: Case) =>
    halt({
      ...change,
      facts: { method: 'GET', route: { route: 'GET /access/certified', role: 'certified' }, ...change.facts },
      headers: { adminToken: undefined, origin: undefined, contentType: undefined, ...change.headers },
    });

  test('opens to an admin with the own certificate, without the admin token', () => {
    expect(looks({})).toMatchObject({
      outcome: 'granted',
      person: { identity: 'anna@fleet.test', role: 'admin', fingerprint: ANNAS_CERTIFICATE.fingerprint },
    });
    expect(looks({ policy: { adminTokens: [] } })).toMatchObject({ outcome: 'granted' });
  });

  const gates = Object.keys(refusals).filter(
    (code) => !/^(ADMIN_TOKEN|CONTENT_TYPE|ORIGIN|ROUTE_INTERNAL)/.test(code),
  );
  test.each(gates)('%s: one thing changed, refused', (code) => {
    expect(looks(refusals[code] ?? {})).toMatchObject({ outcome: 'refused', code });
  });
});

test('every code has a row, in the order of the gates', () => {
  expect(Object.keys(refusals)).toEqual(ACCESS_CODES);
});

test.each(Object.entries(refusals))('%s: one thing changed, refused', (code, change) => {
  expect(halt(change)).toMatchObject({ outcome: 'refused', code });
});

describe('who was recognised before a refusal is told to the audit', () => {
  test.each([
    ['EDGE_SECRET_WRONG', undefined],
    ['ROLE_INSUFFICIENT', { identity: 'olga@fleet.test' }],
    [
      'CERTIFICATE_OF_ANOTHER_PERSON',
      { identity: 'anna@fleet.test', fingerprint: BOBS_CERTIFICATE.fingerprint },
    ],
    ['ADMIN_TOKEN_WRONG', { identity: 'anna@fleet.test', fingerprint: ANNAS_CERTIFICATE.fingerprint }],
  ])('%s', (code, recognised) => {
    const decision = halt(refusals[code] ?? {});
    expect(decision).toMatchObject({ code });
    expect('recognised' in decision ? decision.recognised : undefined).toEqual(recognised);
  });
});

describe('what passes', () => {
  test.each<[string, Case]>([
    ['the old edge secret', { headers: { edgeSecret: SECRETS.edgeOld } }],
    ['the old admin token', { headers: { adminToken: SECRETS.adminTokenOld } }],
    ['a chain behind the leaf', { headers: { certificate: `${ANNAS_CERTIFICATE.base64},AAAA` } }],
    ['a URL-escaped certificate', { headers: { certificate: encodeURIComponent(ANNAS_CERTIFICATE.base64) } }],
    ['a charset', { headers: { contentType: 'application/json; charset=utf-8' } }],
    ['a token that ended within the tolerance', ended(CLOCK_TOLERANCE_SECONDS - 1)],
  ])('%s', (_name, change) => {
    expect(halt(change)).toMatchObject({ outcome: 'granted', by: 'person' });
  });

  test('a viewer reads, and her certificate is not looked at', () => {
    const headers = { ...veraReads.headers, certificate: BOBS_CERTIFICATE.base64 };
    expect(decideAccess({ ...veraReads, headers }, policy, NOW_MS)).toEqual({
      outcome: 'granted',
      by: 'person',
      person: { identity: 'vera@fleet.test', role: 'viewer' },
      untilMs: expect.any(Number),
    });
  });

  test('a public route needs the edge and nobody', () => {
    const route = { route: 'POST /hook', role: 'public' as const };
    const facts = { method: 'POST', route, headers: { ...noHeaders, edgeSecret: SECRETS.edge } };
    expect(decideAccess(facts, policy, NOW_MS)).toEqual({ outcome: 'granted', by: 'public' });
    const outside = { ...facts, headers: noHeaders };
    expect(decideAccess(outside, policy, NOW_MS)).toMatchObject({ code: 'EDGE_SECRET_MISSING' });
  });

  test('an internal route is asked without anything', () => {
    const route = { route: 'GET /metrics', role: 'internal' as const };
    const facts = { method: 'GET', route, headers: noHeaders };
    expect(decideAccess(facts, policy, NOW_MS)).toEqual({ outcome: 'granted', by: 'internal' });
  });
});

function ended(secondsAgo: number): Case {
  return { facts: { token: tokenOf('anna@fleet.test', { expiresAt: NOW_MS / 1_000 - secondsAgo }) } };
}

test('a token is asked to be verified only beside the right edge secret', () => {
  const { token: _token, ...unverified } = annaHalts;
  expect(decideAccess(unverified, policy, NOW_MS)).toEqual({ outcome: 'needs-token', token: 'an.id.token' });
  const headers = { ...annaHalts.headers, edgeSecret: 'wrong' };
  expect(decideAccess({ ...unverified, headers }, policy, NOW_MS)).toMatchObject({
    code: 'EDGE_SECRET_WRONG',
  });
});

describe('a minute off', () => {
  test.each([
    ['ID_TOKEN_EXPIRED', /ended 60 s ago by the clock of this service \(2027-03-01T12:00:00/],
    ['ID_TOKEN_NOT_YET_VALID', /begins 60 s from now by the clock of this service/],
  ])('%s says by how much', (code, words) => {
    expect(halt(refusals[code] ?? {})).toMatchObject({ detail: expect.stringMatching(words) });
  });

  test('not-before counts beside issued-at', () => {
    const token = tokenOf('anna@fleet.test', { notBefore: NOW_MS / 1_000 + 60 });
    expect(halt({ facts: { token } })).toMatchObject({ code: 'ID_TOKEN_NOT_YET_VALID' });
  });
});

describe('a service', () => {
  const asks = (
    serviceSecret: string,
    role: 'viewer' | 'operator' | 'admin' | 'certified' | 'public',
    method = 'GET',
  ) =>
    decideAccess(
      {
        method,
        route: { route: 'x', role },
        headers: { ...annaHalts.headers, edgeSecret: undefined, serviceSecret },
      },
      policy,
      NOW_MS,
    );

  test('reads with its role', () => {
    expect(asks(SECRETS.optimizer, 'viewer')).toEqual({
      outcome: 'granted',
      by: 'service',
      service: { caller: 'parameter-optimizer', role: 'viewer' },
    });
    expect(asks(SECRETS.hub, 'operator', 'POST')).toMatchObject({ outcome: 'granted' });
  });

  test('never comes to admin routes, whatever person’s things it has', () => {
    expect(asks(SECRETS.hub, 'admin', 'POST')).toMatchObject({ code: 'ROLE_INSUFFICIENT' });
    expect(asks(SECRETS.hub, 'certified')).toMatchObject({ code: 'ROLE_INSUFFICIENT' });
    expect(asks(SECRETS.optimizer, 'operator', 'POST')).toMatchObject({ code: 'ROLE_INSUFFICIENT' });
    expect(asks(SECRETS.hub, 'public', 'POST')).toMatchObject({ code: 'ROLE_INSUFFICIENT' });
  });
});

describe('identity from headers', () => {
  const byHeader = { identitySource: 'headers' as const };
  test('is the edge’s word, in lower case, and ends with no token', () => {
    const change = { policy: byHeader, headers: { email: 'Anna@Fleet.Test' } };
    const decision = halt(change);
    expect(decision).toMatchObject({ outcome: 'granted' });
    expect(decision).not.toHaveProperty('untilMs');
  });
  test('is nobody’s with a letter that only folds to his', () => {
    const email = 'an\u0130a@fleet.test';
    expect(halt({ policy: byHeader, headers: { email } })).toMatchObject({ code: 'IDENTITY_UNKNOWN' });
  });
  test('counts for nothing without the edge', () => {
    const headers = { email: 'anna@fleet.test', edgeSecret: undefined };
    expect(halt({ policy: byHeader, headers })).toMatchObject({ code: 'EDGE_SECRET_MISSING' });
  });
  test('counts for nothing where the ID token says it', () => {
    const headers = { email: 'anna@fleet.test', authorization: undefined };
    expect(halt({ headers })).toMatchObject({ code: 'ID_TOKEN_MISSING' });
  });
});
