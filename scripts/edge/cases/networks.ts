import { stolen } from './bases.ts';
import type { EdgeCase, RequestSpec } from './request-spec.ts';

const plain: RequestSpec = { from: 'inside', entry: 'app', person: 'anna', method: 'GET', path: '/' };

/** Programs on networks that no service has. */
const UNREACHABLE = [
  ['loki', 'http://loki:3100', '/loki/api/v1/labels'],
  ['grafana', 'http://grafana:3000', '/api/health'],
  ['oauth2-proxy', 'http://oauth2-proxy:4180', '/ping'],
] as const;

/** They come to the services, so services reach them, and are asked for a password. */
const ASKING = [
  ['prometheus', 'http://prometheus:9090', '/prometheus/api/v1/query?query=up'],
  ['prometheus-reload', 'http://prometheus:9090', '/prometheus/api/v1/targets'],
  ['alertmanager', 'http://alertmanager:9093', '/alertmanager/api/v2/status'],
] as const;

/** A container beside the services: the neighbours' doors stay shut. */
export const NETWORKS: readonly EdgeCase[] = [
  ...UNREACHABLE.map(
    ([name, target, path]): EdgeCase => ({
      id: `network.${name}`,
      wrong: `a container beside the services looks for ${name}`,
      base: { ...plain, target, path },
      change: { from: 'agents' },
      refused: { by: 'network' },
      noService: true,
    }),
  ),
  ...ASKING.map(
    ([name, target, path]): EdgeCase => ({
      id: `network.${name}`,
      wrong: `a container beside the services asks ${target} without its password`,
      base: {
        ...{ ...plain, from: 'agents', target, path },
        headers: [`Authorization: Basic {basic:${name.replace('-reload', '')}}`],
      },
      change: { headers: [] },
      refused: { by: 'neighbour', status: 401 },
      noService: true,
    }),
  ),
  {
    id: 'network.admin-port-from-agents',
    wrong: 'a container beside the services asks a service by way of Traefik’s internal entry point',
    base: stolen,
    change: { target: 'http://traefik:8081' },
    refused: { by: 'traefik', status: 404 },
  },
];

/** What the edge opens to services is the provider's keys and nothing else. */
export const INTERNAL_ENTRY: readonly EdgeCase[] = (
  [
    ['api', '/api/orchestrator/status'],
    ['dashboard', '/traefik/dashboard/'],
    ['other-path', '/oidc/token'],
    ['below', '/oidc/jwks/../token'],
    ['metrics', '/metrics'],
  ] as const
).map(
  ([name, path]): EdgeCase => ({
    id: `internal-entry.${name}`,
    wrong: `${path} at the entry point for the provider’s keys`,
    base: { ...plain, from: 'agents', target: 'http://traefik:8081', path: '/oidc/jwks' },
    change: { path },
    refused: { by: 'traefik', status: [400, 404] },
    noService: true,
  }),
);
