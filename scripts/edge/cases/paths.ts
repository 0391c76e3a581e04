import { changed, lookedAt, viewed } from './bases.ts';
import type { EdgeCase, Refusal, RequestSpec } from './request-spec.ts';

const nowhere: Refusal = { by: 'traefik', status: [400, 404, 405] };
/** Everything an admin has, at the public host: only the address keeps this from being an admin's question. */
const publicly: RequestSpec = { ...viewed, person: 'anna', adminToken: 'right' };

/** Ways of writing an admin's address so that a rule of the edge might not see it. */
const HIDDEN: readonly (readonly [string, string])[] = [
  ['double-slash', '/api/orchestrator//admin/streams/pending'],
  ['leading-double-slash', '//admin/streams/pending'],
  ['encoded-letter', '/api/orchestrator/%61dmin/streams/pending'],
  ['encoded-twice', '/api/orchestrator/%2561dmin/streams/pending'],
  ['upper-case', '/api/orchestrator/ADMIN/streams/pending'],
  ['dot-segments', '/api/orchestrator/status/../admin/streams/pending'],
  ['dot-segment', '/api/orchestrator/./admin/streams/pending'],
  ['encoded-dot-segments', '/api/orchestrator/x/%2e%2e/admin/streams/pending'],
  ['half-encoded-dot-segments', '/api/orchestrator/x/.%2e/admin/streams/pending'],
  ['encoded-slash', '/api/orchestrator%2fadmin/streams/pending'],
  ['encoded-slash-inside', '/api/orchestrator/admin%2fstreams%2fpending'],
  ['parameter', '/api/orchestrator/admin;a=b/streams/pending'],
  ['parameter-before', '/api/orchestrator/;/admin/streams/pending'],
  ['encoded-parameter', '/api/orchestrator/admin%3ba/streams/pending'],
  ['backslash', '/api/orchestrator\\admin\\streams\\pending'],
  ['encoded-backslash', '/api/orchestrator/%5cadmin/streams/pending'],
  ['null-byte', '/api/orchestrator/admin%00/streams/pending'],
  ['fragment', '/api/orchestrator/admin/streams/pending#status'],
  ['plain', '/api/orchestrator/admin/streams/pending'],
];

/** Of the edge itself, of monitoring, and of services' own networks. */
const ELSEWHERE: readonly (readonly [string, string])[] = [
  ['prometheus', '/prometheus/-/healthy'],
  ['prometheus-admin-api', '/prometheus/api/v1/admin/tsdb/snapshot'],
  ['alertmanager', '/alertmanager/-/healthy'],
  ['traefik-dashboard', '/traefik/dashboard/'],
  ['traefik-api', '/api/rawdata'],
  ['ping', '/ping'],
  ['jwks', '/oidc/jwks'],
  ['metrics-of-traefik', '/metrics'],
  ['unknown-service', '/api/nobody/status'],
  ['service-without-api', '/orchestrator/status'],
  ['well-known', '/.well-known/other'],
  ['auth-question', '/oauth2/auth'],
  // Addresses that a service has for its own network.
  ['metrics', '/api/orchestrator/metrics'],
  ['health', '/api/orchestrator/health'],
  ['ready', '/api/orchestrator/ready'],
];

export const PATHS: readonly EdgeCase[] = [
  ...HIDDEN.map(
    ([name, path]): EdgeCase => ({
      id: `path.${name}`,
      wrong: `an admin’s address at the public host, written ${path}`,
      base: publicly,
      change: { path },
      refused: nowhere,
    }),
  ),
  ...ELSEWHERE.map(
    ([name, path]): EdgeCase => ({
      id: `path.public-${name}`,
      wrong: `${path} at the public host`,
      base: publicly,
      change: { path },
      refused: nowhere,
    }),
  ),
  {
    id: 'path.internal-metrics-admin-host',
    wrong: 'a service’s metrics at the admin host',
    base: lookedAt,
    change: { path: '/api/orchestrator/metrics' },
    refused: nowhere,
  },
  {
    id: 'path.alerts',
    wrong: 'Alertmanager’s address at the public host',
    base: changed,
    change: { path: '/api/notification-manager/alerts' },
    refused: nowhere,
    passes: 202,
  },
  ...[
    ['double-slash', '/api/orchestrator//admin/streams/pending'],
    ['upper-case', '/api/orchestrator/Admin/Streams/Pending'],
    ['encoded', '/api/orchestrator/%61dmin/streams/pending'],
    ['parameter', '/api/orchestrator/admin;a/streams/pending'],
    ['dot-segments', '/api/orchestrator/status/../admin/streams/pending'],
  ].map(
    ([name = '', path = '']): EdgeCase => ({
      id: `path.admin-host-${name}`,
      wrong: `on the admin host without the admin token, written ${path}`,
      base: lookedAt,
      change: { path },
      refused:
        name === 'upper-case' || name === 'parameter'
          ? nowhere
          : { by: 'service', status: 401, code: 'ADMIN_TOKEN_MISSING' },
    }),
  ),
];
