import { join } from 'node:path';
import { loadAccessTable } from '@fleet/shared/access';
import { expect, it } from 'vitest';
import { root } from '../checks/source-tree.ts';
import { SERVICE_NAMES } from '../fleet/services.ts';
import { middlewares } from './edge-middlewares.ts';
import { routers } from './edge-routers.ts';

const secrets = [
  ...SERVICE_NAMES.map((name) => `edge_secret_${name}`),
  ...['edge_admin_secret', 'prometheus_password', 'alertmanager_password'],
];
const input = {
  settings: {
    DOMAIN: 'fleet.test',
    TLS_MODE: 'files',
    HTTPS_PORT: 443,
    ADMIN_PORT: 8443,
    EDGE_RATE_FACTOR: 1,
  },
  access: loadAccessTable(join(root, 'config')),
  operators: [],
  secrets: new Map(secrets.map((name) => [name, `value-of-${name}`])),
  upstreams: {},
  authorities: [],
  keySet: new URL('https://id.fleet.test/keys'),
} as unknown as Parameters<typeof middlewares>[0];

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

it('a class of routes has its own rate, counted by the address of the connection', () => {
  const rateOf = (name: string) => made[`rate-${name}`]?.['rateLimit']?.['average'];
  const classes = ['read', 'write', 'admin', 'sign-in', 'slack', 'page'].map((name) => [name, rateOf(name)]);
  expect(classes).toEqual([
    ['read', 20],
    ['write', 2],
    ['admin', 5],
    ['sign-in', 2],
    ['slack', 10],
    ['page', 50],
  ]);
  for (const [name, { rateLimit, inFlightReq }] of Object.entries(made)) {
    const limit = rateLimit ?? inFlightReq;
    if (limit !== undefined)
      expect([name, limit['sourceCriterion']]).toEqual([name, { ipStrategy: { depth: 0 } }]);
  }
});
