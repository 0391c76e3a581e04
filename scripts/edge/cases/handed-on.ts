import { board } from './pages.ts';
import type { EdgeCase, RequestSpec } from './request-spec.ts';

const nowhere = { by: 'traefik', status: 404 } as const;
const labels: RequestSpec = { ...board, path: '/api/datasources/proxy/uid/loki/loki/api/v1/labels' };
const series: RequestSpec = {
  ...board,
  method: 'POST',
  path: '/api/datasources/uid/prometheus/resources/api/v1/series',
  contentType: 'application/x-www-form-urlencoded',
  origin: 'https://grafana.{domain}:{httpsPort}',
  body: 'match[]=up',
};

/** What Grafana would hand on to Loki or Prometheus as it came, for every viewer. */
const PATHS: readonly (readonly [string, string, string])[] = [
  ['shutdown', 'Loki’s ingester stopped by a GET', '/api/datasources/proxy/uid/loki/ingester/shutdown'],
  ['flush', 'Loki’s ingester flushed by a GET', '/api/datasources/proxy/1/flush'],
  ['encoded', 'the same, a letter encoded', '/api/datasources/%70roxy/uid/loki/ingester/shutdown'],
  [
    'dot-segments',
    'the same, by way of what is allowed',
    '/api/datasources/proxy/uid/loki/loki/api/v1/../../../ingester/shutdown',
  ],
];

export const HANDED_ON: readonly EdgeCase[] = [
  ...['POST', 'PUT', 'DELETE'].map(
    (method): EdgeCase => ({
      id: `grafana.proxy-${method.toLowerCase()}`,
      wrong: `a viewer’s ${method} through Grafana to Loki`,
      base: labels,
      change: { method },
      refused: nowhere,
      noService: true,
    }),
  ),
  ...PATHS.map(
    ([name, wrong, path]): EdgeCase => ({
      id: `grafana.proxy-${name}`,
      wrong,
      base: labels,
      change: { path },
      refused: nowhere,
      noService: true,
    }),
  ),
  {
    id: 'grafana.resources-reload',
    wrong: 'a viewer’s POST through Grafana to an address of Prometheus that is no question',
    base: series,
    change: { path: '/api/datasources/uid/prometheus/resources/-/reload' },
    refused: nowhere,
    noService: true,
  },
  {
    id: 'grafana.resources-delete',
    wrong: 'a viewer’s DELETE where a POST is a question',
    base: series,
    change: { method: 'DELETE' },
    refused: nowhere,
    noService: true,
  },
];
