import { join } from 'node:path';
import { loadAccessTable } from '@fleet/shared/access';
import { expect, it } from 'vitest';
import { root } from '../checks/source-tree.ts';
import type { EdgeInput } from './edge-input.ts';
import { middlewares } from './edge-middlewares.ts';
import { routers } from './edge-routers.ts';
import { EDGE_SECRETS, MONITORING_SECRETS, type SecretName } from './secrets.ts';
import { readSettings } from './settings.ts';
import { upstreamsWith } from './upstreams.ts';

const KEYS = 'https://id.fleet.test/keys';
const NAMES: readonly SecretName[] = [...EDGE_SECRETS, ...MONITORING_SECRETS];
const input: EdgeInput = {
  settings: readSettings({
    DOMAIN: 'fleet.test',
    OIDC_ISSUER: 'https://id.fleet.test',
    OIDC_JWKS_URI: KEYS,
    OIDC_AUDIENCES: 'fleet',
  }),
  access: loadAccessTable(join(root, 'config')),
  operators: [],
  secrets: new Map(NAMES.map((name) => [name, `value-of-${name}`])),
  upstreams: upstreamsWith([]),
  authorities: [],
  certificate: undefined,
  keySet: new URL(KEYS),
};

type Settings = Readonly<Record<string, Readonly<Record<string, unknown>>>>;
const made = middlewares(input) as Readonly<Record<string, Settings>>;
/** Those that people, browsers and Slack reach and that answer more than a redirect. */
const published = Object.entries(routers(input)).filter(([, { entryPoints }]) =>
  entryPoints.some((point) => point === 'websecure' || point === 'admin'),
);

it('every published router says how its answers are to be treated, how often and how many at once', () => {
  expect(published.length).toBeGreaterThan(20);
  for (const [name, { middlewares: names = [] }] of published) {
    const kinds = ['answer-of-', 'rate-', 'in-flight-'].map(
      (kind) => names.filter((each) => each.startsWith(kind)).length,
    );
    expect([name, kinds]).toEqual([name, [1, 1, 1]]);
  }
});

it.each(['answer-of-service', 'answer-of-page'])('%s has HSTS for a year and the other headers', (name) => {
  expect(made[name]?.['headers']).toMatchObject({
    ...{ stsSeconds: 31_536_000, stsIncludeSubdomains: true, contentTypeNosniff: true },
    ...{ referrerPolicy: 'no-referrer', permissionsPolicy: expect.stringContaining('camera=()') },
    customResponseHeaders: { Server: '', 'X-Powered-By': '' },
  });
});

it('a service’s answer is in no frame and no cache', () => {
  expect(made['answer-of-service']?.['headers']).toMatchObject({
    frameDeny: true,
    contentSecurityPolicy: "default-src 'none'; frame-ancestors 'none'",
    customResponseHeaders: { 'Cache-Control': 'no-store' },
  });
});

const BY_CONNECTION = { sourceCriterion: { ipStrategy: { depth: 0 } } };
const AUTH_ANSWER_BYTES = 64 * 1024;
const bodies = (bytes: number) => ({
  buffering: {
    maxRequestBodyBytes: bytes,
    memRequestBodyBytes: bytes,
    memResponseBodyBytes: 16 * 1024 * 1024,
  },
});
const rate = (average: number, burst: number) => ({ rateLimit: { average, burst, ...BY_CONNECTION } });
const inFlight = (amount: number) => ({ inFlightReq: { amount, ...BY_CONNECTION } });

/** Whole: a field too much, as `period`, is another limit. */
const LIMITS = {
  'rate-read': rate(20, 60),
  'rate-write': rate(2, 10),
  'rate-admin': rate(5, 30),
  'rate-sign-in': rate(2, 20),
  'rate-slack': rate(10, 40),
  'rate-page': rate(50, 300),
  'in-flight-calls': inFlight(20),
  'in-flight-pages': inFlight(60),
  'in-flight-streams': inFlight(10),
  'body-of-service': bodies(256 * 1024),
  'body-of-page': bodies(2 * 1024 * 1024),
};

it('each limit is this one, counted by the address of the connection', () => {
  const limits = Object.entries(made).filter(
    ([, middleware]) => 'rateLimit' in middleware || 'inFlightReq' in middleware || 'buffering' in middleware,
  );
  expect(Object.fromEntries(limits)).toEqual(LIMITS);
});

it('a factor for rates multiplies what is counted and nothing else', () => {
  const twice = middlewares({ ...input, settings: { ...input.settings, EDGE_RATE_FACTOR: 2 } });
  expect(twice['rate-write']).toEqual(rate(4, 20));
  expect(twice['in-flight-streams']).toEqual(inFlight(20));
  expect(twice['body-of-service']).toEqual(LIMITS['body-of-service']);
});

it.each(['sign-in', 'sign-in-admin'])(
  '%s hands on and takes over what it must, and believes nobody',
  (name) => {
    expect(made[name]).toEqual({
      forwardAuth: {
        address: expect.stringMatching(/\/oauth2\/auth(\?allowed_emails=nobody%40invalid)?$/),
        trustForwardHeader: false,
        authRequestHeaders: ['Cookie', 'Authorization', 'User-Agent', 'X-Request-Id'],
        authResponseHeaders: ['Authorization', 'X-Auth-Request-User', 'X-Auth-Request-Email'],
        maxResponseBodySize: AUTH_ANSWER_BYTES,
        preserveLocationHeader: true,
      },
    });
  },
);

it('who certifies is shown the certificate and no cookie, and its answer changes nothing', () => {
  expect(made['certified']).toEqual({
    forwardAuth: {
      address: expect.stringMatching(/\/access\/certified$/),
      // The one place: of what is believed the list below leaves the certificate alone.
      trustForwardHeader: true,
      authRequestHeaders: [
        ...['X-Edge-Secret', 'X-Edge-Admin-Secret', 'X-Forwarded-Tls-Client-Cert', 'Authorization'],
        ...['X-Auth-Request-Email', 'X-Request-Id', 'Traceparent'],
      ],
      maxResponseBodySize: AUTH_ANSWER_BYTES,
    },
  });
});

it('nothing else asks another program or believes a header', () => {
  const asking = Object.entries(made).filter(([, middleware]) => 'forwardAuth' in middleware);
  expect(asking.map(([name]) => name).sort()).toEqual(['certified', 'sign-in', 'sign-in-admin']);
});
