import { administered, viewed } from './bases.ts';
import type { EdgeCase, RequestSpec } from './request-spec.ts';

export const page = (path: string): RequestSpec => ({ ...administered, adminToken: undefined, path });
export const board: RequestSpec = { ...viewed, entry: 'grafana', path: '/' };

const question: RequestSpec = {
  ...board,
  method: 'POST',
  path: '/api/ds/query',
  contentType: 'application/json',
  origin: 'https://grafana.{domain}:{httpsPort}',
  body: '{"queries":[]}',
};

/** Programs of the admin host without a role table of their own: admins alone, whatever the page; a service is asked. */
export const ADMIN_PAGES = [
  ['prometheus', '/prometheus/-/healthy'],
  ['alertmanager', '/alertmanager/-/healthy'],
  ['traefik', '/traefik/api/version'],
] as const;

export const PAGES: readonly EdgeCase[] = [
  ...ADMIN_PAGES.flatMap(([name, path]): EdgeCase[] => [
    {
      id: `page.${name}-without-certificate`,
      wrong: `${name} without a client certificate`,
      base: page(path),
      change: { certificate: undefined },
      refused: { by: 'tls', alert: 'CERTIFICATE_REQUIRED' },
    },
    {
      id: `page.${name}-without-sign-in`,
      wrong: `${name} without a sign-in: led to it`,
      base: page(path),
      change: { signedIn: undefined },
      refused: { by: 'oauth2-proxy', status: 302 },
    },
    {
      id: `page.${name}-operator`,
      wrong: `an operator looks at ${name}`,
      base: page(path),
      change: { person: 'olaf' },
      refused: { by: 'oauth2-proxy', status: 403 },
    },
    {
      id: `page.${name}-delete`,
      wrong: `DELETE at ${name} from no page`,
      base: page(path),
      change: { method: 'DELETE' },
      refused: { by: 'traefik', status: 404 },
    },
  ]),
  {
    id: 'page.silence-from-foreign-page',
    wrong: 'a silence by a page of somebody else',
    base: {
      ...page('/alertmanager/api/v2/silences'),
      method: 'POST',
      contentType: 'application/json',
      origin: 'https://admin.{domain}:{adminPort}',
      body: '{"matchers":[{"name":"alertname","value":"EdgeTest","isRegex":false,"isEqual":true}],"startsAt":"2030-01-01T00:00:00Z","endsAt":"2030-01-01T00:01:00Z","createdBy":"anna","comment":"edge test"}',
    },
    change: { origin: 'https://elsewhere.example' },
    refused: { by: 'traefik', status: 404 },
  },
  {
    id: 'page.grafana-without-sign-in',
    wrong: 'Grafana without a sign-in: led to it',
    base: board,
    change: { signedIn: undefined },
    refused: { by: 'oauth2-proxy', status: 302 },
    noService: true,
  },
  {
    id: 'page.grafana-api-without-sign-in',
    wrong: 'Grafana’s API without a sign-in',
    base: { ...board, path: '/api/health' },
    change: { signedIn: undefined },
    refused: { by: 'oauth2-proxy', status: 401 },
    noService: true,
  },
  {
    id: 'page.grafana-from-foreign-page',
    wrong: 'a question to Grafana by a page of somebody else',
    base: question,
    change: { origin: 'https://elsewhere.example' },
    refused: { by: 'traefik', status: 404 },
    noService: true,
  },
  {
    id: 'page.grafana-from-no-page',
    wrong: 'a question to Grafana without an Origin',
    base: question,
    change: { origin: undefined },
    refused: { by: 'traefik', status: 404 },
    noService: true,
  },
  {
    id: 'page.grafana-data-source',
    wrong: 'a data source made by an admin, without a certificate',
    base: { ...question, person: 'anna' },
    change: { path: '/api/datasources' },
    refused: { by: 'traefik', status: 404 },
    noService: true,
  },
  {
    id: 'page.grafana-by-header',
    wrong: 'Grafana without a sign-in, but with the header of another way to sign in',
    base: { ...board, headers: ['X-Webauth-User: anna@example.com', 'X-Jwt-Assertion: guessed'] },
    change: { signedIn: undefined },
    refused: { by: 'oauth2-proxy', status: 302 },
    noService: true,
  },
];
